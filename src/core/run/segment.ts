import type { EventOf } from './event-of.ts';
import { lowestOpenFrame } from './lookup.ts';
import { rebuildReadiness } from './readiness.ts';
import type { FrameState, RunState, StageState } from './state.ts';

/** The run begins, or goes on after an end. O(stages), once per segment. */
export function segmentStarted(state: RunState, event: EventOf<'segment.started'>): void {
  if (event.settings !== undefined) state.settings = event.settings;
  const first = state.phase === 'pending' && event.previousRunId === null;
  state.runId = event.runId;
  if (!first) state.runIds.push(event.runId);
  state.previousRunId = event.previousRunId;
  state.segmentStartedAt = event.at;
  state.phase = 'running';
  state.code = first ? 'STAGE_RUNNING' : 'RESUMING';
  state.historyRecorded = false;
  state.halted = false;
  for (const key of [
    'message',
    'endedAt',
    'failedStage',
    'stopRequested',
    'workFailed',
    'stop',
    'closed',
  ] as const) {
    delete state[key];
  }
  state.metrics.consecutiveFails = 0;
  for (const stage of state.stages.values()) reviveStage(state, stage);
  rebuildReadiness(state);
}

/** What a continued run does again: failed work and what was skipped because of it. Finished work is kept. */
function reviveStage(state: RunState, stage: StageState): void {
  answerGates(stage);
  if (stage.status === 'failed' && stage.frames.length === 0) state.metrics.failed -= 1;
  for (const frame of stage.frames) reviveFrame(state, frame);
  stage.cursor = lowestOpenFrame(stage);
  const skippedByFailure = stage.skip?.reason === 'RUN_HALTED' || stage.skip?.reason === 'UPSTREAM_FAILED';
  if (stage.status === 'failed') {
    stage.status = stage.frames.length > 0 ? 'running' : 'pending';
    delete stage.endedAt;
    delete stage.code;
    delete stage.message;
  } else if (stage.status === 'skipped' && skippedByFailure) {
    stage.status = 'pending';
    delete stage.skip;
    state.metrics.totalFrames += 1;
  }
}

/** Continuing a run that a gate had paused is the answer to the gate. */
function answerGates(stage: StageState): void {
  for (const feedback of stage.reviews.values()) {
    if (feedback === null || feedback.verdict !== 'gate') continue;
    if (feedback.answer !== 'revise') feedback.answer = 'continue';
  }
}

/** The frame has its retries anew. */
function reviveFrame(state: RunState, frame: FrameState): void {
  frame.attemptsBefore = frame.attempts.length;
  switch (frame.phase) {
    case 'rejected':
      state.metrics.rejected -= 1;
      frame.phase = 'retrying';
      return;
    case 'failed':
      state.metrics.failed -= 1;
      frame.phase = 'retrying';
      return;
    case 'skipped':
      state.metrics.totalFrames += 1;
      frame.phase = 'pending';
      return;
    default:
      return;
  }
}
