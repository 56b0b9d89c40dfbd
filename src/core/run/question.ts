import type { AttemptState, FrameState, StageState } from './state.ts';

/** A question that the agent of a frame asked and nobody has answered. */
export interface OpenQuestion {
  readonly frame: FrameState;
  readonly attempt: AttemptState;
  readonly text: string;
}

/** The open question of a stage; of several that of the lowest frame. O(frames at work). */
export function openQuestionOf(stage: StageState): OpenQuestion | undefined {
  let lowest: OpenQuestion | undefined;
  for (const index of stage.open) {
    const asked = questionAt(stage.frames[index]);
    if (asked !== undefined && (lowest === undefined || index < lowest.frame.index)) lowest = asked;
  }
  return lowest;
}

/** True if every frame at work has asked something, and `room` is used up or nothing is left to begin. */
export function onlyAsks(stage: StageState, room: number): boolean {
  if (stage.open.size === 0) return false;
  for (const index of stage.open) if (questionAt(stage.frames[index]) === undefined) return false;
  return stage.open.size >= room || stage.nextFrame === stage.frames.length;
}

function questionAt(frame: FrameState | undefined): OpenQuestion | undefined {
  const attempt = frame?.attempts.at(-1);
  if (frame === undefined || attempt?.question === undefined || attempt.answer !== undefined)
    return undefined;
  return { frame, attempt, text: attempt.question };
}
