import type { RunState } from '../run/state.ts';

/** A run as it leaves this program: a row of the seed's `pipeline_runs`. */
export interface PipelineRunRow {
  id: string;
  pipeline_id: string | null;
  pipeline: string;
  revision: number | null;
  status: RunState['phase'];
  reason_code: string;
  message: string | null;
  trigger_event: string;
  delivery_id: string | null;
  triggered_by: string;
  started_at: string;
  completed_at: string | null;
  with_warnings: boolean;
}

/** The run's row. Feature runs have no cause: a person began them. */
export function pipelineRunRecord(state: RunState): PipelineRunRow {
  const { cause, registered } = state.created;
  return {
    id: state.executionId,
    pipeline_id: registered?.id ?? null,
    pipeline: state.pipeline.name,
    revision: registered?.revision ?? null,
    status: state.phase,
    reason_code: state.code,
    message: state.message ?? null,
    trigger_event: cause?.event ?? cause?.kind ?? 'manual',
    delivery_id: cause?.deliveryId ?? null,
    triggered_by: cause?.actor ?? 'unknown',
    started_at: state.startedAt,
    completed_at: state.endedAt ?? null,
    with_warnings: hasWarnings(state),
  };
}

/** It succeeded, though a stage with `on_failure: continue` failed (spec: pipelines 5). */
export function hasWarnings(state: RunState): boolean {
  if (state.phase !== 'succeeded') return false;
  for (const stage of state.stages.values()) if (stage.status === 'failed') return true;
  return false;
}
