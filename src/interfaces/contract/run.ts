import * as z from 'zod';
import { approvalContract } from './approval.ts';
import { metricsContract } from './metrics.ts';

/** Seed 001, story 1, and `paused`: a run that stopped and can go on. */
export const runStatusContract = z.enum([
  'pending',
  'running',
  'waiting_approval',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
]);

/** Spec: pipelines 5. */
export const stageStatusContract = z.enum([
  'pending',
  'running',
  'waiting_approval',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
]);

/** ISO 8601, UTC. */
const instant = z.string();

/** `interrupted`: it was at work when its run stopped. */
const interrupted = z.literal('interrupted');

/** A row of `pipeline_runs`. */
export const pipelineRunContract = z.strictObject({
  id: z.string(),
  /** Id in the registry; null when the run's definition was never registered. */
  pipeline_id: z.nullable(z.string()),
  /** Name of the pipeline. */
  pipeline: z.string(),
  /** Revision of the definition that the run executes. */
  revision: z.nullable(z.int()),
  status: runStatusContract,
  /** One of docs/status.md. */
  reason_code: z.string(),
  message: z.nullable(z.string()),
  /** Type of the event that began it, such as `pull_request.merged`, or `manual` or `schedule`. */
  trigger_event: z.string(),
  /** Id under which that event was delivered. */
  delivery_id: z.nullable(z.string()),
  /** Who or what asked for the run. */
  triggered_by: z.string(),
  started_at: instant,
  completed_at: z.nullable(instant),
  /** It succeeded, though a stage with `on_failure: continue` failed. */
  with_warnings: z.boolean(),
});
export type PipelineRunRecord = z.output<typeof pipelineRunContract>;

export const stageAttemptContract = z.strictObject({
  /** Index from zero; always 0 but for stages with `foreach`. */
  frame: z.int(),
  /** From one, within its frame. */
  attempt: z.int(),
  agent_id: z.string(),
  runner: z.string(),
  model: z.nullable(z.string()),
  /** How it differs from the first one. */
  strategy: z.nullable(z.string()),
  /** `running`, `interrupted` with its run, or how it ended. */
  outcome: z.string(),
  /** What became of its result. */
  verdict: z.nullable(z.enum(['approved', 'rejected'])),
  reason_code: z.nullable(z.string()),
  exit_code: z.nullable(z.int()),
  message: z.nullable(z.string()),
  /** What was wrong with its result: at most ten. */
  findings: z.array(z.string()),
  /** Longest silence in ms, if it was ended for it. */
  silent_ms: z.nullable(z.number()),
  started_at: instant,
  completed_at: z.nullable(instant),
  log_file: z.nullable(z.string()),
  /** What its latest audit printed. */
  audit_log_file: z.nullable(z.string()),
  /** Audits that could not be made, oldest first. */
  audit_failures: z.array(
    z.strictObject({
      outcome: z.string(),
      reason_code: z.nullable(z.string()),
      message: z.nullable(z.string()),
      at: instant,
    }),
  ),
});

export const frameContract = z.strictObject({
  /** Index from zero. */
  frame: z.int(),
  /** Its item, or the stage's name. */
  title: z.string(),
  status: z.enum([
    'pending',
    'generating',
    'auditing',
    'retrying',
    'approved',
    'rejected',
    'failed',
    'skipped',
    'interrupted',
  ]),
  attempts: z.int(),
  /** Of its latest attempt. */
  strategy: z.nullable(z.string()),
  reason_code: z.nullable(z.string()),
  /** What was wrong, of a frame that failed or is tried again. */
  message: z.nullable(z.string()),
});

/** The frames of a stage; one without `foreach` is a frame itself. */
export const framesContract = z.strictObject({
  /** Skipped frames count nowhere. */
  total: z.int(),
  approved: z.int(),
  rejected: z.int(),
  failed: z.int(),
  remaining: z.int(),
  /** Those at work at this moment. */
  at_work: z.int(),
  total_attempts: z.int(),
  /** At most 1,000: of more, those at work, then those that failed, then those tried more than once. */
  list: z.array(frameContract),
});

/** A row of `pipeline_stages`. */
export const pipelineStageContract = z.strictObject({
  /** `<run id>/<stage name>`. */
  id: z.string(),
  run_id: z.string(),
  stage_name: z.string(),
  /** With `interrupted`, `completed_at` is when the run stopped. */
  status: z.union([stageStatusContract, interrupted]),
  /** Agent of the latest attempt; of the definition as long as there is none; null for a command. */
  agent_id: z.nullable(z.string()),
  environment: z.nullable(z.string()),
  depends_on: z.array(z.string()),
  started_at: z.nullable(instant),
  completed_at: z.nullable(instant),
  /** Why it was skipped or failed. */
  reason_code: z.nullable(z.string()),
  message: z.nullable(z.string()),
  outputs: z.record(z.string(), z.string()),
  frames: framesContract,
  /** Those of the listed frames, about 2,000 of a stage: the latest of each frame. */
  attempts: z.array(stageAttemptContract),
  /** Approvals asked for before it, oldest first. */
  approval_ids: z.array(z.string()),
  /** The rollback that undid it. */
  rolled_back_by: z.nullable(z.string()),
});
export type PipelineStageRecord = z.output<typeof pipelineStageContract>;

export const rollbackStepContract = z.strictObject({
  stage_name: z.string(),
  status: z.enum(['pending', 'running', 'succeeded', 'failed']),
  agent_id: z.nullable(z.string()),
  started_at: z.nullable(instant),
  completed_at: z.nullable(instant),
  exit_code: z.nullable(z.int()),
  message: z.nullable(z.string()),
  log_file: z.nullable(z.string()),
});

/** A row of `rollbacks`. */
export const rollbackContract = z.strictObject({
  id: z.string(),
  run_id: z.string(),
  cause: z.enum(['failure', 'manual']),
  target_stage: z.string(),
  failed_stage: z.nullable(z.string()),
  requested_by: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  message: z.nullable(z.string()),
  started_at: instant,
  completed_at: z.nullable(instant),
  /** In the order in which they are undone. */
  steps: z.array(rollbackStepContract),
});
export type RollbackRecord = z.output<typeof rollbackContract>;

/** What a run has given out (`export:`), or why it could not. */
export const runExportContract = z.strictObject({
  status: z.enum(['exported', 'failed']),
  /** Relative to the project's root; null when it failed. */
  location: z.nullable(z.string()),
  /** Relative to the location. */
  files: z.array(z.string()),
  validation_passed: z.boolean(),
  reason_code: z.nullable(z.string()),
  /** Why it failed, or is not valid. */
  message: z.nullable(z.string()),
  /** Of the command that ran last. */
  log_file: z.nullable(z.string()),
});
export type RunExportRecord = z.output<typeof runExportContract>;

/** `pipeline status --json`: a run with everything that belongs to it. */
export const runDetailsContract = z.strictObject({
  run: pipelineRunContract,
  /** Over all frames of the run. */
  metrics: metricsContract,
  /** Null as long as there is none. */
  export: z.nullable(runExportContract),
  stages: z.array(pipelineStageContract),
  approvals: z.array(approvalContract),
  rollbacks: z.array(rollbackContract),
});
export type RunDetailsDocument = z.output<typeof runDetailsContract>;

/** `pipeline history --json`: runs of one pipeline, newest first. */
export const runListContract = z.strictObject({
  runs: z.array(
    z.strictObject({
      ...pipelineRunContract.shape,
      /** Null of a run that ended before they were recorded, and whose own files are gone. */
      metrics: z.nullable(metricsContract),
    }),
  ),
});
export type RunListDocument = z.output<typeof runListContract>;

/** `pipeline logs --json`: what was printed, in the order in which the work began. */
export const runLogsContract = z.strictObject({
  run_id: z.string(),
  logs: z.array(
    z.strictObject({
      /** Null of the run's export. */
      stage_name: z.nullable(z.string()),
      /** As in `MURMUR8_JOB`. */
      job: z.enum(['work', 'audit', 'undo', 'export', 'validate']),
      /** Counted from 0; null of the undoing of a whole stage, and of the export. */
      frame: z.nullable(z.int()),
      attempt: z.nullable(z.int()),
      outcome: z.string(),
      /** Null of audits and the export, whose beginning is not recorded. */
      started_at: z.nullable(instant),
      log_file: z.string(),
      /** Null where nothing was printed or the log was removed. */
      text: z.nullable(z.string()),
    }),
  ),
});
export type RunLogsDocument = z.output<typeof runLogsContract>;
