import * as z from 'zod';
import { problemContract } from './problem.ts';

/** ISO 8601 with Z or an offset, as the file has it. */
const dateTime = z.string();

/** Seed 003, execution metadata schema; keys that other tools add are kept. */
export const executionAttemptContract = z.looseObject({
  started_at: dateTime,
  ended_at: dateTime,
  duration_seconds: z.int(),
  status: z.enum(['completed', 'failed', 'abandoned']),
  error_reason: z.exactOptional(z.string()),
  executor: z.looseObject({
    tool: z.string(),
    model: z.exactOptional(z.string()),
    planner: z.exactOptional(z.looseObject({ tool: z.string(), model: z.exactOptional(z.string()) })),
  }),
  reviewer: z.exactOptional(
    z.looseObject({
      name: z.string(),
      approved: z.boolean(),
      reviewed_at: dateTime,
      notes: z.exactOptional(z.string()),
    }),
  ),
  notes: z.exactOptional(z.string()),
});

/**
 * A task's front matter in the order of its keys, with the defaults of those that were left out, and with every key
 * that other tools have added.
 */
export const taskItemContract = z.looseObject({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['epic', 'story', 'task']),
  state: z.enum(['idea', 'ready', 'in-progress', 'done', 'canceled']),
  priority: z.enum(['none', 'low', 'normal', 'high', 'urgent']),
  size: z.enum(['tiny', 'small', 'medium', 'large', 'xl']),
  ambiguity: z.enum(['low', 'medium', 'high']),
  executor: z.enum(['simple', 'standard', 'expert', 'human_review']),
  isolation: z.enum(['isolated', 'module', 'shared', 'global']),
  execution: z.exactOptional(z.looseObject({ attempts: z.array(executionAttemptContract) })),
  /** Where the task is kept, from the directory that holds `tasks/` on. */
  path: z.string(),
});

/** `task list --json`: an array, so that programs written for it read it as it is (seed 003, consumer integration). */
export const taskListContract = z.array(taskItemContract);

/** What is wrong in a task file; `path` is the dotted key. */
export const taskProblemContract = problemContract.extend({
  severity: z.enum(['error', 'warning']),
  path: z.exactOptional(z.string()),
  found: z.exactOptional(z.string()),
  allowed: z.exactOptional(z.string()),
});

/** `task show --json`. */
export const taskDetailsContract = z.strictObject({
  /** Null where the front matter has errors. */
  task: z.nullable(taskItemContract),
  /** Markdown, as it follows the front matter. */
  body: z.string(),
  problems: z.array(taskProblemContract),
});
export type TaskDetailsDocument = z.output<typeof taskDetailsContract>;

/** `task new`, `update`, `move` and `complete` with `--json`. */
export const taskChangeContract = z.strictObject({
  /** Null where the front matter had errors already, and has. */
  task: z.nullable(taskItemContract),
  /** False when all was so before. */
  changed: z.boolean(),
  /** Where the task was kept before, when it was moved. */
  moved_from: z.nullable(z.string()),
  problems: z.array(taskProblemContract),
});
export type TaskChangeDocument = z.output<typeof taskChangeContract>;

/** `task validate --json`. */
export const taskValidationContract = z.strictObject({
  valid: z.boolean(),
  files: z.int(),
  problems: z.array(taskProblemContract),
  fixes: z.array(
    z.strictObject({
      file: z.string(),
      /** Where the file goes, when it is moved. */
      to: z.nullable(z.string()),
      /** What is changed in it, line by line. */
      diff: z.string(),
      applied: z.boolean(),
    }),
  ),
});
export type TaskValidationDocument = z.output<typeof taskValidationContract>;

/** How many of how many cases; the interval holds the true rate in 95 of 100 such samples (Wilson's). */
const proportionContract = z.strictObject({
  successes: z.int(),
  count: z.int(),
  /** From 0 to 1; null with no case at all. */
  rate: z.nullable(z.number()),
  interval: z.nullable(z.strictObject({ low: z.number(), high: z.number() })),
  /** False where so few cases say nothing. */
  enough_data: z.boolean(),
});

const successContract = {
  /** Attempts that completed, of all attempts. */
  per_attempt: proportionContract,
  /** Tasks whose latest attempt completed, of the tasks that were attempted. */
  per_task: proportionContract,
  /** Tasks whose first attempt completed, of the tasks that were attempted. */
  at_first_try: proportionContract,
};

/** Seed 003, telemetry semantics. */
const figuresContract = {
  attempts: z.int(),
  /** Attempts after the first. */
  retries: z.int(),
  /** The sum of the durations that were recorded. */
  execution_seconds: z.number(),
  /** From the earliest beginning to the latest end. */
  wall_clock_seconds: z.number(),
  /** Wall clock less execution; below zero where attempts ran at the same time. */
  idle_seconds: z.number(),
  /** How much longer the attempts took together than the time in which at least one ran. */
  overlap_seconds: z.number(),
};

const groupContract = z.strictObject({
  name: z.string(),
  attempts: z.int(),
  execution_seconds: z.number(),
  ...successContract,
});

/** `task stats --json`. */
export const taskStatsContract = z.strictObject({
  schema_version: z.literal(1),
  /** Tasks that were looked at, and how many of them have attempts. */
  tasks: z.int(),
  tasks_with_attempts: z.int(),
  /** Sums over the tasks. */
  totals: z.strictObject(figuresContract),
  /** Attempts by how they ended. */
  outcomes: z.strictObject({ completed: z.int(), failed: z.int(), abandoned: z.int() }),
  success: z.strictObject(successContract),
  by_tool: z.array(groupContract),
  /** `unknown` stands for attempts that name no model. */
  by_model: z.array(groupContract),
  by_size: z.array(groupContract),
  by_ambiguity: z.array(groupContract),
  /** Model × ambiguity (seed 003, success signals). */
  model_by_ambiguity: z.array(
    z.strictObject({
      model: z.string(),
      ambiguity: z.enum(['low', 'medium', 'high']),
      attempts: z.int(),
      ...successContract,
    }),
  ),
  /** Each task that was attempted. */
  each_task: z.array(z.strictObject({ id: z.string(), ...figuresContract })),
});
export type TaskStatsDocument = z.output<typeof taskStatsContract>;
