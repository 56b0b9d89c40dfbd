import type { Counters, RunState, StageState } from './state.ts';

/** Sums over `totalFrames` frames of which none has begun. */
export function newCounters(totalFrames: number): Counters {
  return {
    totalFrames,
    approved: 0,
    rejected: 0,
    failed: 0,
    attempts: 0,
    retriedFrames: 0,
    consecutiveFails: 0,
    tokens: 0,
    costMicroUsd: 0,
    unknownCost: 0,
    finishedFrameMs: 0,
    finishedFrames: 0,
  };
}

/** Adds to a sum of the run and of the stage in which it happened. */
export function count(state: RunState, stage: StageState, key: keyof Counters, by: number): void {
  state.metrics[key] += by;
  stage.metrics[key] += by;
}

/** A frame ended well: failures are in a row no more. */
export function endRowOfFails(state: RunState, stage: StageState): void {
  state.metrics.consecutiveFails = 0;
  stage.metrics.consecutiveFails = 0;
}
