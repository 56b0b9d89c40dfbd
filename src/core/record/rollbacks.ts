import type { RollbackState, RollbackStep, RunState } from '../run/state.ts';

export interface RollbackStepRow {
  stage_name: string;
  status: RollbackStep['status'];
  agent_id: string | null;
  started_at: string | null;
  completed_at: string | null;
  exit_code: number | null;
  message: string | null;
  log_file: string | null;
}

/** A row of `rollbacks`, with its steps in the order in which they are undone. */
export interface RollbackRow {
  id: string;
  run_id: string;
  cause: 'failure' | 'manual';
  target_stage: string;
  failed_stage: string | null;
  requested_by: string | null;
  reason: string | null;
  status: RollbackState['status'];
  message: string | null;
  started_at: string;
  completed_at: string | null;
  steps: RollbackStepRow[];
}

/** Every rollback of a run, oldest first. */
export function rollbackRecords(state: RunState): RollbackRow[] {
  return state.rollbacks.map((rollback) => ({
    id: rollback.id,
    run_id: state.executionId,
    cause: rollback.cause,
    target_stage: rollback.target,
    failed_stage: rollback.failedStage ?? null,
    requested_by: rollback.actor ?? null,
    reason: rollback.reason ?? null,
    status: rollback.status,
    message: rollback.message ?? null,
    started_at: rollback.startedAt,
    completed_at: rollback.endedAt ?? null,
    steps: rollback.steps.map(stepRecord),
  }));
}

/** A command has no agent. */
function stepRecord(step: RollbackStep): RollbackStepRow {
  return {
    stage_name: step.stage,
    status: step.status,
    agent_id: step.agent === undefined || step.agent === 'command' ? null : step.agent,
    started_at: step.startedAt ?? null,
    completed_at: step.endedAt ?? null,
    exit_code: step.exitCode ?? null,
    message: step.message ?? null,
    log_file: step.logFile ?? null,
  };
}
