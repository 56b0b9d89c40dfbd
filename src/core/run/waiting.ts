import { onlyAsks } from './question.ts';
import { runningRollback } from './rollback-events.ts';
import type { RunState } from './state.ts';

/**
 * A run waits for a person while a question or an approval is open and nothing else is at work or can begin; other branches go on
 * (spec: pipelines 6). O(stages at work).
 */
export function noteWaiting(state: RunState): void {
  if (state.phase !== 'running' && state.phase !== 'waiting_approval') return;
  let asking = 0;
  for (const name of state.active) {
    const stage = state.stages.get(name);
    const room = state.definitions.get(name)?.maxParallel ?? 1;
    if (stage !== undefined && onlyAsks(stage, room)) asking += 1;
  }
  const waiting = asking + state.gated.size;
  const canBegin = !state.halted && state.ready.size > 0 && state.active.size < state.pipeline.maxParallel;
  if (waiting > 0 && asking === state.active.size && !canBegin && runningRollback(state) === undefined) {
    state.phase = 'waiting_approval';
    state.code = asking > 0 ? 'QUESTION_PENDING' : 'APPROVAL_PENDING';
  } else if (state.phase === 'waiting_approval') {
    state.phase = 'running';
  }
}
