import type { AttemptState, FrameState, RunState, StageState } from './state.ts';

/** The stage of a name. Throws for one that the pipeline does not have: such a journal is not of this program. */
export function stageOf(state: RunState, name: string): StageState {
  const stage = state.stages.get(name);
  if (stage === undefined)
    throw new Error(`the journal names a stage that the pipeline does not have: ${name}`);
  return stage;
}

export function frameOf(state: RunState, key: { stage: string; frame: number }): FrameState {
  const frame = stageOf(state, key.stage).frames[key.frame];
  if (frame === undefined)
    throw new Error(`the journal names frame ${key.frame} of ${key.stage}, which it never started`);
  return frame;
}

export function attemptOf(
  state: RunState,
  key: { stage: string; frame: number; attempt: number },
): AttemptState {
  const attempt = frameOf(state, key).attempts.find((entry) => entry.number === key.attempt);
  if (attempt === undefined)
    throw new Error(`the journal names attempt ${key.attempt} of ${key.stage}, which it never started`);
  return attempt;
}
