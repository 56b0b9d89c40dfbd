import { framesAtWork } from '../run/frames.ts';
import type { FrameState, RunState, StageState } from '../run/state.ts';
import { forFrame } from './active-frame.ts';
import { definitionOf, stageState } from './build.ts';
import type { Decision } from './decision.ts';
import { failStage } from './give-up.ts';
import { deadlineOf, limitStop } from './limit-stop.ts';

/** What an active stage needs next: what its frames at work need, another frame, or its end. */
export function forActiveStage(state: RunState, name: string, now: number): Decision[] {
  const stage = stageState(state, name);
  if (stage.endedFrames === stage.frames.length) return [endOf(state, stage)];
  const { maxParallel = 1 } = definitionOf(state, name);
  const isHalting = stage.failing !== undefined && !goesOn(state, stage);
  // Of a continued run more may be at work than there is room for.
  const atWork = framesAtWork(stage).slice(0, maxParallel);
  const going = isHalting ? atWork.filter(isBusy) : atWork;
  const decisions = going.flatMap((frame) => forFrame({ state, stage, frame, now }));
  if (isHalting) return going.length === 0 ? [endOf(state, stage)] : decisions;
  const next = stage.frames[stage.nextFrame];
  if (next !== undefined && stage.open.size < maxParallel)
    decisions.push(...forFrame({ state, stage, frame: next, now }));
  if (atWork.some(isBusy)) decisions.push(...untilDeadline(state, stage, now));
  return decisions;
}

function isBusy({ phase }: FrameState): boolean {
  return phase === 'generating' || phase === 'auditing';
}

/** A longest duration ends what is at work, too. */
function untilDeadline(state: RunState, stage: StageState, now: number): Decision[] {
  const until = deadlineOf(state, stage, now);
  if (until === undefined) return [];
  return limitStop(state, stage, now, 'time only') ?? [{ do: 'wait', until, idle: true }];
}

/** Every frame has ended, or nothing more may begin after one that failed. */
function endOf(state: RunState, stage: StageState): Decision {
  const { name, failing, metrics } = stage;
  const failed = metrics.failed + metrics.rejected;
  if (failing !== undefined && !(goesOn(state, stage) && metrics.approved > 0))
    return failStage(stage, failing.code, failing.message);
  const partial = {
    code: 'PARTIAL_SUCCESS',
    message: `${failed} of ${metrics.totalFrames} frames failed`,
  };
  return {
    do: 'record',
    event: { type: 'stage.finished', stage: name, status: 'succeeded', ...(failed === 0 ? {} : partial) },
  };
}

/** Whether a frame that failed for good is left behind. */
function goesOn(state: RunState, { name }: StageState): boolean {
  return definitionOf(state, name).onFailure === 'continue';
}
