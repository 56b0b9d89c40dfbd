import type { Problem } from '../../core/problem.ts';
import { pipelineRunRecord } from '../../core/record/run.ts';
import type { RunState } from '../../core/run/state.ts';
import { calculateRunStatus } from '../../core/status/run-status.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { appendRunHistory, type RunHistoryEntry } from '../../edges/registry/run-history.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { recordDiagnostic } from '../diagnostics.ts';
import { traceSegment } from '../otel.ts';
import type { Publish } from '../session.ts';

export interface PipelineBooks {
  readonly stateDirectory: string;
  readonly run: HeldRun;
  readonly state: RunState;
  readonly warn: (problem: Problem) => void;
  readonly publish: Publish;
}

/** Diagnostic, history and trace of an ended segment. None of them can change how the run ended. */
export async function closePipelineBooks(input: PipelineBooks): Promise<void> {
  const noted = await recordDiagnostic(input);
  if (noted.length > 0) input.publish(noted);
  recordPipelineHistory(input);
  const { stateDirectory, run, state, warn } = input;
  await traceSegment({ stateDirectory, directory: run.directory, state, warn });
}

/** Adds an ended segment to the history of pipelines, once. */
export function recordPipelineHistory(input: PipelineBooks): void {
  const { run, state, publish, warn } = input;
  const entry = historyEntry(state);
  if (entry === undefined || state.historyRecorded || !state.settings.recordHistory) return;
  const appended = appendRunHistory(input.stateDirectory, entry);
  if (!appended.ok) return warn(appended.error);
  const at = new Date(systemClock.now()).toISOString();
  const noted = run.advance(state.runId, at, [{ type: 'history.recorded' }]);
  if (!noted.ok) return warn(noted.error);
  state.historyRecorded = true;
  publish(noted.value);
}

/** Undefined while the run has not ended. */
function historyEntry(state: RunState): RunHistoryEntry | undefined {
  const row = pipelineRunRecord(state);
  if (row.completed_at === null) return undefined;
  const { status } = row;
  if (status === 'pending' || status === 'running' || status === 'waiting_approval') return undefined;
  return {
    v: 1,
    execution_id: state.executionId,
    run_id: state.runId,
    pipeline: row.pipeline,
    pipeline_id: row.pipeline_id,
    revision: row.revision,
    status,
    reason_code: row.reason_code,
    message: row.message,
    trigger_event: row.trigger_event,
    delivery_id: row.delivery_id,
    triggered_by: row.triggered_by,
    started_at: state.segmentStartedAt,
    completed_at: row.completed_at,
    with_warnings: row.with_warnings,
    audit_head: state.auditHead,
    metrics: calculateRunStatus(state).metrics,
  };
}
