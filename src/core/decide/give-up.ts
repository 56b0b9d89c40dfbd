import type { Job } from '../pipeline/definition.ts';
import type { AuditFailure, StageState } from '../run/state.ts';
import { definitionOf, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { budgetSpent } from './limit-stop.ts';
import { stallTimeoutOf } from './limits.ts';
import type { Place } from './place.ts';

/** What is known of a frame's failure. */
export interface Failure extends Pick<AuditFailure, 'silentMs'> {
  readonly message: string;
  readonly status: 'failed' | 'rejected';
  /** What failed: the frame's work, or the check of it. */
  readonly kind: Job['kind'];
}

/** A frame that failed is not tried again: it fails, or the run stops where a limit is to blame. */
export function giveUp(place: Place, code: string, failure: Failure): Decision {
  const { state, stage } = place;
  if (code === 'STALLED') {
    const limitMs = stallTimeoutOf(state, failure.kind, stage.name) ?? 0;
    return stopRun(code, limitMs, Math.max(limitMs, failure.silentMs ?? 0), failure.message);
  }
  if (code === 'BUDGET_EXCEEDED') return budgetSpent(state, stage, place.now, failure.message);
  const { dependency } = definitionOf(state, stage.name);
  const named = code === 'STAGE_FAILED' && dependency !== undefined ? dependencyCode(dependency) : code;
  return failFrame(place, named, failure.message, failure.status);
}

/** A stage of one piece fails as a whole; of one with items, others may go on. */
export function failFrame(
  { state, stage, frame }: Place,
  code: string,
  message: string,
  status: 'failed' | 'rejected',
): Decision {
  if (definitionOf(state, stage.name).foreach === undefined) return failStage(stage, code, message);
  const at = { stage: stage.name, frame: frame.index };
  return { do: 'record', event: { type: 'frame.failed', ...at, status, code, message } };
}

/** `texture-packer` fails as `DEP_TEXTURE_PACKER_FAIL`. */
export function dependencyCode(tool: string): string {
  return `DEP_${tool.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_FAIL`;
}

export function failStage(stage: StageState, code: string, message: string): Decision {
  return {
    do: 'record',
    event: { type: 'stage.finished', stage: stage.name, status: 'failed', code, message },
  };
}
