import { count } from './counters.ts';
import { isNoFailureOfTheWork } from './service-outcome.ts';
import type { AttemptState, FrameState, RunState, StageState } from './state.ts';

/** Frames of a stage: which are at work, which comes next, how many have ended. All O(1), or O(frames) once per stage. */

/** A frame that needs nothing more. */
export function isFrameEnded({ phase }: FrameState): boolean {
  return phase === 'approved' || phase === 'rejected' || phase === 'failed' || phase === 'skipped';
}

export function frameBegan(stage: StageState, frame: FrameState): void {
  stage.open.add(frame.index);
  findNext(stage);
}

/** The time from its first attempt counts for estimates. */
export function frameEnded(state: RunState, stage: StageState, frame: FrameState, at: string): void {
  stage.open.delete(frame.index);
  stage.endedFrames += 1;
  findNext(stage);
  const first = frame.attempts[frame.attemptsBefore] ?? frame.attempts[0];
  count(state, stage, 'finishedFrames', 1);
  count(state, stage, 'finishedFrameMs', Date.parse(at) - Date.parse(first?.startedAt ?? at));
}

/** An ended frame is at work once more. */
export function frameReopened(state: RunState, stage: StageState, frame: FrameState): void {
  if (isFrameEnded(frame)) stage.endedFrames -= 1;
  uncount(state, stage, frame);
  if (stage.failing?.frame === frame.index) delete stage.failing;
  stage.open.add(frame.index);
}

/** Takes a frame out of the sums of how frames ended. */
export function uncount(state: RunState, stage: StageState, { phase }: FrameState): void {
  if (phase === 'approved' || phase === 'rejected' || phase === 'failed') count(state, stage, phase, -1);
  if (phase === 'skipped') count(state, stage, 'totalFrames', 1);
}

/** True of a frame that was tried again for its own sake: that a service had to be waited for is none of its doing. */
export function wasRetried(attempts: readonly AttemptState[]): boolean {
  return attempts.slice(0, -1).some(({ outcome }) => !isNoFailureOfTheWork(outcome));
}

/** Looks at every frame anew, for the beginning of a segment. Frames at work stay so. */
export function recountFrames(stage: StageState): void {
  stage.endedFrames = 0;
  for (const frame of stage.frames) {
    if (!isFrameEnded(frame)) continue;
    stage.endedFrames += 1;
    stage.open.delete(frame.index);
  }
  stage.nextFrame = 0;
  findNext(stage);
}

export function forgetFrames(stage: StageState): void {
  stage.frames = [];
  stage.open.clear();
  stage.nextFrame = 0;
  stage.endedFrames = 0;
  delete stage.failing;
}

/** Frames at work, the lowest index first. */
export function framesAtWork(stage: StageState): FrameState[] {
  return [...stage.open].sort((one, other) => one - other).flatMap((index) => stage.frames[index] ?? []);
}

function findNext(stage: StageState): void {
  for (;;) {
    const frame = stage.frames[stage.nextFrame];
    if (frame === undefined || (!isFrameEnded(frame) && !stage.open.has(frame.index))) return;
    stage.nextFrame += 1;
  }
}
