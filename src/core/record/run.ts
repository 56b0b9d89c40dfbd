import type { RunState } from '../run/state.ts';
import { REASONS } from '../status/reason.ts';

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
  /** It succeeded, though a stage with `on_failure: continue` failed (spec: pipelines 5). */
  with_warnings: boolean;
}

/**
 * The run's row. Feature runs have no cause: a person began them. `lostOwner`: the journal says that it is under way,
 * and nobody drives it.
 */
export function pipelineRunRecord(state: RunState, lostOwner = false): PipelineRunRow {
  const { cause, registered } = state.created;
  return {
    id: state.executionId,
    pipeline_id: registered?.id ?? null,
    pipeline: state.pipeline.name,
    revision: registered?.revision ?? null,
    ...(lostOwner
      ? { status: 'failed', reason_code: 'SYS_OWNER_LOST', message: REASONS.SYS_OWNER_LOST.message }
      : { status: state.phase, reason_code: state.code, message: state.message ?? null }),
    trigger_event: cause?.event ?? cause?.kind ?? 'manual',
    delivery_id: cause?.deliveryId ?? null,
    triggered_by: cause?.actor ?? 'unknown',
    started_at: state.startedAt,
    // Nobody was there to say when a lost run ended: its last sign of life is the best that is known.
    completed_at: state.endedAt ?? (lostOwner ? state.at : null),
    with_warnings: state.phase === 'succeeded' && state.warnings > 0,
  };
}
