import { openQuestionOf } from './question.ts';
import type { RunState } from './state.ts';

/**
 * A run waits for a person while a question is open and nothing else is at work or can begin; other branches go on
 * (spec: pipelines 6). O(stages at work).
 */
export function noteWaiting(state: RunState): void {
  if (state.phase !== 'running' && state.phase !== 'waiting_approval') return;
  let asking = 0;
  for (const name of state.active) {
    const stage = state.stages.get(name);
    if (stage !== undefined && openQuestionOf(stage) !== undefined) asking += 1;
  }
  const canBegin = !state.halted && state.ready.size > 0 && state.active.size < state.pipeline.maxParallel;
  if (asking > 0 && asking === state.active.size && !canBegin) {
    state.phase = 'waiting_approval';
    state.code = 'QUESTION_PENDING';
  } else if (state.phase === 'waiting_approval') {
    state.phase = 'running';
  }
}
