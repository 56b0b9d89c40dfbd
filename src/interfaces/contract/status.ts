import * as z from 'zod';
import { metricsContract } from './metrics.ts';
import { runStatusContract } from './run.ts';

/** ISO 8601, UTC. */
const instant = z.string();
/** Milliseconds. */
const duration = z.number();
/** 0..1. */
const rate = z.number();

/** Seed 002, AC 1: the word for people; `run_status` is the finer one. */
const statusWord = z.enum(['in-progress', 'completed', 'stopped', 'failed']);

const inProgressContract = z.strictObject({
  /** Counted from zero. */
  current_frame_index: z.int(),
  /** From one; zero where no attempt is under way. */
  current_attempt: z.int(),
  elapsed_time_ms: duration,
  estimated_remaining_ms: z.exactOptional(duration),
  current_action: z.exactOptional(z.string()),
  /** For whom the frame waits, and why: `quota`, `overloaded` or `unavailable`. */
  waiting: z.exactOptional(
    z.strictObject({
      runner: z.string(),
      outcome: z.string(),
      message: z.exactOptional(z.string()),
      until: instant,
      remaining_ms: duration,
    }),
  ),
});

const completedContract = z.strictObject({
  success_rate: rate,
  total_duration_ms: duration,
  /** Empty where nothing was exported. */
  export_location: z.string(),
  atlas_files: z.array(z.string()),
  validation_passed: z.boolean(),
});

const stoppedContract = z.strictObject({
  /** The reason code. */
  stop_condition: z.string(),
  threshold: z.number(),
  actual_value: z.number(),
  resume_command: z.string(),
  frames_remaining: z.int(),
});

const failedContract = z.strictObject({
  error_type: z.enum(['system', 'dependency', 'audit']),
  error_code: z.string(),
  error_message: z.string(),
  diagnostic_path: z.exactOptional(z.string()),
  stack_trace: z.exactOptional(z.string()),
});

const stageContract = z.strictObject({
  name: z.string(),
  /** `interrupted`: it was under way when its run stopped. */
  status: z.enum([
    'pending',
    'running',
    'waiting_approval',
    'succeeded',
    'failed',
    'skipped',
    'cancelled',
    'interrupted',
  ]),
  frames: z.int(),
  /** Frames that have ended. */
  done: z.int(),
  attempts: z.int(),
  startedAt: z.exactOptional(instant),
  endedAt: z.exactOptional(instant),
  /** Why it was skipped or failed. */
  reason: z.exactOptional(z.string()),
});

const openApprovalContract = z.strictObject({
  id: z.string(),
  stage: z.string(),
  deadline: instant,
  /** Votes needed, and those there are. */
  quorum: z.int(),
  approved: z.int(),
  /** Who may still vote. */
  waitingFor: z.array(z.string()),
});

/** Without `model` the configured one is used. `reason` is one of `murmur8 insights --json`. */
const modelChoiceContract = z.strictObject({
  stage: z.string(),
  runner: z.string(),
  model: z.exactOptional(z.string()),
  reason: z.string(),
  /** The task's, where its cases alone decided. */
  ambiguity: z.exactOptional(z.string()),
  successes: z.exactOptional(z.int()),
  of: z.exactOptional(z.int()),
  /** At most five of the runs that it rests on. */
  runIds: z.array(z.string()),
});

const statusChangeContract = z.strictObject({
  timestamp: instant,
  status: statusWord,
  reason_code: z.string(),
});

/** `status --json`: the status of seed 002, and what belongs to it, of feature runs and pipelines alike. */
export const runStatusDocumentContract = z.strictObject({
  /** The id that names the run, and that of its current part. */
  executionId: z.string(),
  runId: z.string(),
  previousRunId: z.nullable(z.string()),
  pipeline: z.string(),
  /** Id in the registry and revision, of registered pipelines. */
  pipelineId: z.exactOptional(z.string()),
  revision: z.exactOptional(z.int()),
  /** The feature, where it is the run of one. */
  slug: z.exactOptional(z.string()),
  workingTree: z.string(),
  /** Where `--model auto` chose the models of the stages. */
  model_choices: z.exactOptional(z.array(modelChoiceContract)),
  run_status: runStatusContract,
  status: statusWord,
  /** One of docs/status.md. */
  reason_code: z.string(),
  message: z.string(),
  /** When the status became this one. */
  timestamp: instant,
  metrics: metricsContract,
  details: z.union([inProgressContract, completedContract, stoppedContract, failedContract]),
  /** What to type next. */
  next: z.string(),
  startedAt: instant,
  endedAt: z.exactOptional(instant),
  /** Who drives it: `held` by the process, `free`, or `lost` with its process. */
  owner: z.strictObject({ state: z.enum(['free', 'held', 'lost']), pid: z.exactOptional(z.int()) }),
  /** The first 50. */
  stages: z.array(stageContract),
  approvals: z.array(openApprovalContract),
  /** What an agent asked. */
  question: z.exactOptional(z.string()),
  rollback: z.exactOptional(z.strictObject({ target: z.string(), status: z.string(), cause: z.string() })),
  /** It went on without a stage that failed. */
  with_warnings: z.boolean(),
  commit: z.exactOptional(z.string()),
  tokens: z.number(),
  /** As far as agents told it; complete if `cost_complete`. */
  cost_usd: z.number(),
  cost_complete: z.boolean(),
  /** The last 20, oldest first. */
  status_history: z.array(statusChangeContract),
});
export type RunStatusDocument = z.output<typeof runStatusDocumentContract>;
