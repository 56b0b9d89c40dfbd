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
  /** `running`, or how it ended. */
  outcome: z.string(),
  exit_code: z.nullable(z.int()),
  message: z.nullable(z.string()),
  started_at: instant,
  completed_at: z.nullable(instant),
  log_file: z.nullable(z.string()),
});

/** A row of `pipeline_stages`. */
export const pipelineStageContract = z.strictObject({
  /** `<run id>/<stage name>`. */
  id: z.string(),
  run_id: z.string(),
  stage_name: z.string(),
  status: stageStatusContract,
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

/** `pipeline status --json`: a run with everything that belongs to it. */
export const runDetailsContract = z.strictObject({
  run: pipelineRunContract,
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
      stage_name: z.string(),
      /** Counted from 0; null of the undoing of a stage. */
      frame: z.nullable(z.int()),
      attempt: z.nullable(z.int()),
      outcome: z.string(),
      started_at: instant,
      log_file: z.string(),
      /** Null where nothing was printed or the log was removed. */
      text: z.nullable(z.string()),
    }),
  ),
});
export type RunLogsDocument = z.output<typeof runLogsContract>;
