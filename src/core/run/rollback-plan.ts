import type { RunState, StageState } from './state.ts';

/**
 * The stages that a rollback to `target` undoes, in order: the target and every completed stage downstream of it, the
 * one completed last first (spec: pipelines 7). A stage without a `rollback:` block is undone only if it is the
 * target and an agent did it. A failed stage that got to work counts if it says how it is undone. O(stages + edges).
 */
export function rollbackPlan(state: RunState, target: string): string[] {
  return downstreamOf(state, target)
    .flatMap((name) => state.stages.get(name) ?? [])
    .filter((stage) => canBeUndone(state, stage, target))
    .sort((left, right) => (right.endedSeq ?? 0) - (left.endedSeq ?? 0))
    .map((stage) => stage.name);
}

/** A stage and everything that waits for it, directly or not. */
export function downstreamOf(state: Pick<RunState, 'dependents'>, target: string): string[] {
  const found = new Set([target]);
  for (const name of found) {
    for (const dependent of state.dependents.get(name) ?? []) found.add(dependent);
  }
  return [...found];
}

function canBeUndone(state: RunState, stage: StageState, target: string): boolean {
  if (stage.undoneBy !== undefined) return false;
  const definition = state.definitions.get(stage.name);
  const hasBlock = definition?.rollback !== undefined;
  if (stage.status === 'failed') return hasBlock && stage.frames.length > 0;
  if (stage.status !== 'succeeded') return false;
  return hasBlock || (stage.name === target && definition?.work.kind === 'agent');
}
