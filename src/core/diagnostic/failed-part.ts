import type { AttemptState, FrameState, RunState, StageState } from '../run/state.ts';

/** The part of a run that made it fail, as far as it can be told. */
export interface FailedPart {
  readonly stage?: StageState;
  readonly frame?: FrameState;
  readonly attempt?: AttemptState;
}

/** The stage that failed with the frame whose attempts were used up first, else the last one that was attempted. */
export function failedPartOf(state: RunState): FailedPart {
  const name = state.failedStage ?? state.workFailed?.stage;
  const stage = name === undefined ? undefined : state.stages.get(name);
  if (stage === undefined) return {};
  const frame =
    stage.failing === undefined
      ? stage.frames.findLast(({ attempts }) => attempts.length > 0)
      : stage.frames[stage.failing.frame];
  const attempt = frame?.attempts.at(-1);
  return {
    stage,
    ...(frame === undefined ? {} : { frame }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}
