import { count } from './counters.ts';
import type { EventOf } from './event-of.ts';
import { forgetFrames, recountFrames, uncount, wasRetried } from './frames.ts';
import { rebuildReadiness } from './readiness.ts';
import { runningRollback } from './rollback-events.ts';
import { downstreamOf } from './rollback-plan.ts';
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
  for (const key of [
    'message',
    'endedAt',
    'stopRequested',
    'workFailed',
    'stop',
    'closed',
    'diagnostic',
  ] as const) {
    delete state[key];
  }
  state.metrics.consecutiveFails = 0;
  // What a rollback leaves is not done again before it has come to its end.
  if (event.purpose !== 'rollback' && runningRollback(state) === undefined) revive(state, event.from);
  rebuildReadiness(state);
}

/** Failed work is done again, and what was skipped because of it, what was undone, and what a person asked for. */
function revive(state: RunState, from: string | undefined): void {
  state.halted = false;
  delete state.failedStage;
  delete state.rollbackDue;
  for (const stage of state.stages.values()) reviveStage(state, stage);
  for (const rollback of state.rollbacks) {
    if (rollback.reset === true) continue;
    rollback.reset = true;
    resetFrom(state, rollback.target);
  }
  if (from !== undefined) resetFrom(state, from);
}

/** Finished work is kept. A stage behind a gate begins at its gate once more, where it is seen whether the answer still holds. */
function reviveStage(state: RunState, stage: StageState): void {
  answerGates(stage);
  if (stage.status === 'failed' && stage.frames.length === 0) count(state, stage, 'failed', -1);
  stage.metrics.consecutiveFails = 0;
  const isPartial = stage.status === 'succeeded' && stage.code === 'PARTIAL_SUCCESS';
  if (stage.status !== 'succeeded' || isPartial)
    for (const frame of stage.frames) reviveFrame(state, stage, frame);
  delete stage.failing;
  recountFrames(stage);
  const skippedByFailure = stage.skip?.reason === 'RUN_HALTED' || stage.skip?.reason === 'UPSTREAM_FAILED';
  if (stage.status === 'failed' && stage.approvals.length > 0) resetStage(state, stage);
  else if (stage.status === 'failed' || isPartial) {
    stage.status = stage.frames.length > 0 ? 'running' : 'pending';
    forgetEnd(stage);
  } else if (stage.status === 'skipped' && skippedByFailure) {
    stage.status = 'pending';
    delete stage.skip;
    count(state, stage, 'totalFrames', 1);
  }
  // A condition is looked at when its stage becomes ready, not before.
  if (stage.status === 'pending') delete stage.condition;
}

/** Continuing a run that a gate had paused is the answer to the gate. */
function answerGates(stage: StageState): void {
  for (const feedback of stage.reviews.values()) {
    if (feedback === null || feedback.verdict !== 'gate') continue;
    if (feedback.answer !== 'revise') feedback.answer = 'continue';
  }
}

/** The frame has its retries anew, unless it waits for a service: it goes on waiting for the rest of that time. */
function reviveFrame(state: RunState, stage: StageState, frame: FrameState): void {
  if (frame.waiting !== undefined) {
    delete frame.waiting;
    return;
  }
  frame.attemptsBefore = frame.attempts.length;
  const { phase } = frame;
  if (phase === 'approved') return;
  uncount(state, stage, frame);
  if (phase === 'skipped') frame.phase = 'pending';
  else if (phase === 'rejected' || phase === 'failed') frame.phase = 'retrying';
  if (phase === 'failed' || phase === 'auditing') auditAgain(stage, frame);
}

/** A result that nobody could check is there: only the check is made again. */
function auditAgain(stage: StageState, frame: FrameState): void {
  const last = frame.attempts.at(-1);
  if (last?.outcome !== 'ok' || last.verdict !== undefined || last.question !== undefined) return;
  frame.attemptsBefore = frame.attempts.length - 1;
  frame.phase = 'auditing';
  last.auditFailures = [];
  stage.open.add(frame.index);
}

/** A stage and everything after it is done again, as if it had never begun; the attempts made stay beside the new ones. */
function resetFrom(state: RunState, from: string): void {
  for (const name of downstreamOf(state, from)) {
    const stage = state.stages.get(name);
    if (stage !== undefined) resetStage(state, stage);
  }
}

function resetStage(state: RunState, stage: StageState): void {
  if (stage.status === 'skipped') count(state, stage, 'totalFrames', 1);
  setFramesAside(state, stage);
  stage.status = 'pending';
  stage.outputs = {};
  stage.reopenedFor = [];
  delete stage.skip;
  delete stage.condition;
  delete stage.undoneBy;
  delete stage.startedAt;
  forgetEnd(stage);
}

/** Until it is opened again the stage counts as one frame, as if it had never been. */
function setFramesAside(state: RunState, stage: StageState): void {
  if (stage.frames.length === 0) return;
  for (const frame of stage.frames) {
    uncount(state, stage, frame);
    if (wasRetried(frame.attempts)) count(state, stage, 'retriedFrames', -1);
  }
  count(state, stage, 'totalFrames', 1 - stage.frames.length);
  stage.earlier = stage.frames;
  forgetFrames(stage);
}

function forgetEnd(stage: StageState): void {
  delete stage.endedAt;
  delete stage.endedSeq;
  delete stage.code;
  delete stage.message;
}
