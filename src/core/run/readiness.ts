import type { RunState, StageStatus } from './state.ts';

/** A stage that needs nothing more: its dependents may look at how it ended. */
export function hasEnded(status: StageStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

/** Recomputes who waits for whom, in O(stages + edges). For the beginning of a segment. */
export function rebuildReadiness(state: RunState): void {
  state.ready.clear();
  state.active.clear();
  state.gated.clear();
  state.unmet.clear();
  state.unfinished = 0;
  state.warnings = 0;
  for (const stage of state.pipeline.stages) {
    const { status = 'pending', code } = state.stages.get(stage.name) ?? {};
    if (status === 'failed' && stage.onFailure === 'continue') state.warnings += 1;
    if (status === 'succeeded' && code === 'PARTIAL_SUCCESS') state.warnings += 1;
    if (hasEnded(status)) continue;
    state.unfinished += 1;
    const unmet = stage.needs.filter((need) => !hasEnded(state.stages.get(need)?.status ?? 'pending')).length;
    if (status === 'waiting_approval') state.gated.add(stage.name);
    else if (status === 'running') state.active.add(stage.name);
    else if (unmet === 0) state.ready.add(stage.name);
    else state.unmet.set(stage.name, unmet);
  }
}

/** A stage ended: those that waited only for it become ready. O(its dependents). */
export function stageEnded(state: RunState, name: string): void {
  state.ready.delete(name);
  state.active.delete(name);
  state.gated.delete(name);
  state.unmet.delete(name);
  state.unfinished -= 1;
  for (const dependent of state.dependents.get(name) ?? []) {
    const left = (state.unmet.get(dependent) ?? 1) - 1;
    if (left > 0) {
      state.unmet.set(dependent, left);
      continue;
    }
    state.unmet.delete(dependent);
    if (state.stages.get(dependent)?.status === 'pending') state.ready.add(dependent);
  }
}

/** A finished stage works again: whoever has not started waits for it once more. */
export function stageReopened(state: RunState, name: string): void {
  state.active.add(name);
  state.unfinished += 1;
  for (const dependent of state.dependents.get(name) ?? []) {
    if (state.stages.get(dependent)?.status !== 'pending') continue;
    state.ready.delete(dependent);
    state.unmet.set(dependent, (state.unmet.get(dependent) ?? 0) + 1);
  }
}
