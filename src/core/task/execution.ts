import * as z from 'zod/mini';
import { compareMoments, readMoment } from './moment.ts';

/** What a date-time in a task file may be; also said where one is not. */
export const DATE_TIME_ALLOWED =
  'a date and time that exists, in ISO 8601 with Z or an offset, such as 2025-11-02T15:03:00.000Z';

/** An ISO 8601 date-time, as text. Without an offset it is read as UTC, and the reading of a file warns of it. */
export const dateTimeSchema = z
  .string()
  .check(z.refine((text) => readMoment(text) !== undefined, { params: { allowed: DATE_TIME_ALLOWED } }));

const text = z.string().check(z.minLength(1));

export const EXECUTION_STATUSES = ['completed', 'failed', 'abandoned'] as const;
const statusSchema = z.enum(EXECUTION_STATUSES);

const plannerSchema = z.looseObject({ tool: text, model: z.exactOptional(text) });

const executorSchema = z.looseObject({
  tool: text,
  model: z.exactOptional(text),
  planner: z.exactOptional(plannerSchema),
});

const reviewerSchema = z.looseObject({
  name: text,
  approved: z.boolean(),
  reviewed_at: dateTimeSchema,
  notes: z.exactOptional(z.string()),
});

/** One attempt of an agent at a task. Keys that are not known are kept (spec: tasks, execution). */
export const executionAttemptSchema = z
  .looseObject({
    started_at: dateTimeSchema,
    ended_at: dateTimeSchema,
    duration_seconds: z.int().check(z.minimum(0)),
    status: statusSchema,
    error_reason: z.exactOptional(z.string()),
    executor: executorSchema,
    reviewer: z.exactOptional(reviewerSchema),
    notes: z.exactOptional(z.string()),
  })
  .check(
    z.refine((attempt) => !endsBeforeItStarts(attempt), {
      path: ['ended_at'],
      params: { allowed: 'started_at or later' },
      // Also where something else of the attempt is wrong: all is told at once.
      when: ({ value }) => typeof value === 'object' && value !== null,
    }),
  );

/** What a task file keeps about the attempts to do the task (seed 003: execution metadata schema). */
export const taskExecutionSchema = z.looseObject({
  attempts: z.array(executionAttemptSchema).check(z.minLength(1)),
});

/** How an attempt ended: a timeout is `failed`; a cancel, a kill or a crash is `abandoned`. */
export type ExecutionStatus = z.infer<typeof statusSchema>;
/** Which coding agent, with which model; `planner` where another one made the plan. */
export type ExecutionExecutor = z.infer<typeof executorSchema>;
/** Who looked at the outcome, and what came of it. */
export type ExecutionReviewer = z.infer<typeof reviewerSchema>;
/** One session of an agent that tried to complete the task. Times are ISO 8601, the duration is in seconds. */
export type ExecutionAttempt = z.infer<typeof executionAttemptSchema>;
export type TaskExecution = z.infer<typeof taskExecutionSchema>;

/** The order in which keys are written, by the place of the map in an attempt. */
export const ATTEMPT_KEY_ORDER: readonly string[] = Object.keys(executionAttemptSchema.shape);
export const EXECUTOR_KEY_ORDER: readonly string[] = Object.keys(executorSchema.shape);
export const PLANNER_KEY_ORDER: readonly string[] = Object.keys(plannerSchema.shape);
export const REVIEWER_KEY_ORDER: readonly string[] = Object.keys(reviewerSchema.shape);

/** Whether both times can be read and the end comes first; compared exactly, also below a millisecond. */
function endsBeforeItStarts(attempt: {
  readonly started_at?: unknown;
  readonly ended_at?: unknown;
}): boolean {
  if (typeof attempt.started_at !== 'string' || typeof attempt.ended_at !== 'string') return false;
  const started = readMoment(attempt.started_at);
  const ended = readMoment(attempt.ended_at);
  return started !== undefined && ended !== undefined && compareMoments(ended, started) < 0;
}
