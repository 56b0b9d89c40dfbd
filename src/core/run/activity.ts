import { isNoFailureOfTheWork } from './service-outcome.ts';
import type { FrameState, RunState, StageState } from './state.ts';

/** The frame that a reader is told of: the lowest one at work in the first stage at work. */
export interface CurrentFrame {
  readonly stage: StageState;
  readonly frame: FrameState;
}

/** O(stages and frames at work). */
export function currentFrame(state: RunState): CurrentFrame | undefined {
  let lowest: StageState | undefined;
  for (const name of state.active) {
    const stage = state.stages.get(name);
    if (stage !== undefined && (lowest === undefined || stage.index < lowest.index)) lowest = stage;
  }
  if (lowest === undefined) return undefined;
  let index = Number.POSITIVE_INFINITY;
  for (const open of lowest.open) index = Math.min(index, open);
  const frame = lowest.frames[index] ?? lowest.frames[lowest.nextFrame];
  return frame === undefined ? undefined : { stage: lowest, frame };
}

const CODES: { readonly [P in FrameState['phase']]?: string } = {
  generating: 'GENERATING',
  auditing: 'AUDITING',
  retrying: 'RETRYING',
};

/** The reason code of a run at work follows its current frame, however many others are at work. */
export function noteActivity(state: RunState): void {
  // A rollback is work of the run as a whole, which no stage tells of.
  if (state.phase !== 'running' || state.code === 'ROLLING_BACK') return;
  state.code = codeOf(currentFrame(state)?.frame);
}

function codeOf(frame: FrameState | undefined): string {
  if (frame === undefined) return 'STAGE_RUNNING';
  if (frame.waiting !== undefined && isNoFailureOfTheWork(frame.waiting.outcome)) return 'QUOTA_WAIT';
  return CODES[frame.phase] ?? 'STAGE_RUNNING';
}
