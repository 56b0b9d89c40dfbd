import { count } from './counters.ts';
import type { EventOf } from './event-of.ts';
import { isFrameEnded, recountFrames } from './frames.ts';
import { stageOf } from './lookup.ts';
import { hasEnded, stageEnded } from './readiness.ts';
import type { RunState, StageState } from './state.ts';

export function stageFinished(state: RunState, event: EventOf<'stage.finished'>): void {
  const stage = stageOf(state, event.stage);
  stage.status = event.status;
  stage.endedAt = event.at;
  stage.endedSeq = event.seq;
  stage.startedAt ??= event.at;
  stage.reopenedFor = [];
  if (event.code !== undefined) stage.code = event.code;
  if (event.message !== undefined) stage.message = event.message;
  // Some of its frames failed, and it was allowed to go on without them.
  if (event.status === 'succeeded' && event.code === 'PARTIAL_SUCCESS') state.warnings += 1;
  if (event.status === 'failed') {
    failFrames(state, stage);
    const onFailure = state.definitions.get(event.stage)?.onFailure;
    // Somebody was asked and said no: that fails the run, and never undoes anything (spec: pipelines 6).
    const isRefusal = event.code === 'APPROVAL_REJECTED' || event.code === 'APPROVAL_EXPIRED';
    if (onFailure === 'continue' && !isRefusal) state.warnings += 1;
    else {
      state.halted = true;
      state.failedStage ??= event.stage;
    }
    if (onFailure === 'rollback' && !isRefusal) state.rollbackDue ??= event.stage;
  }
  stageEnded(state, event.stage);
}

export function stageSkipped(state: RunState, event: EventOf<'stage.skipped'>): void {
  const stage = stageOf(state, event.stage);
  stage.status = 'skipped';
  stage.skip = { reason: event.reason, ...(event.detail === undefined ? {} : { detail: event.detail }) };
  if (event.condition !== undefined) stage.condition = event.condition;
  count(state, stage, 'totalFrames', -1);
  stageEnded(state, event.stage);
}

export function runClosed(state: RunState, event: EventOf<'run.closed'>): void {
  state.closed = {
    outcome: event.outcome,
    files: event.files,
    validationPassed: event.validationPassed,
    ...(event.commit === undefined ? {} : { commit: event.commit }),
    ...(event.location === undefined ? {} : { location: event.location }),
    ...(event.code === undefined ? {} : { code: event.code }),
    ...(event.message === undefined ? {} : { message: event.message }),
    ...(event.logFile === undefined ? {} : { logFile: event.logFile }),
  };
}

export function runStopped(state: RunState, event: EventOf<'run.stopped'>): void {
  state.phase = 'paused';
  state.code = event.code;
  state.stop = { code: event.code, threshold: event.threshold, actual: event.actual };
  state.endedAt = event.at;
  setMessage(state, event.message);
}

export function runFinished(state: RunState, event: EventOf<'run.finished'>): void {
  state.phase = event.status;
  state.code = event.code;
  state.endedAt = event.at;
  if (event.failedStage !== undefined) state.failedStage = event.failedStage;
  setMessage(state, event.message);
  const rollback = state.rollbacks.at(-1);
  // One that is under way when the run fails from outside goes on, and is the outcome, when the run is continued.
  if (rollback !== undefined && rollback.status !== 'running') rollback.concluded = true;
  endStages(state, event);
}

/**
 * No stage is left pending or running after a run that is over (spec: pipelines 5). Frames stay as they are, so that
 * a run which failed from outside, such as a full disk, goes on with what its agents had finished.
 */
function endStages(state: RunState, event: EventOf<'run.finished'>): void {
  if (state.unfinished === 0) return;
  for (const stage of state.stages.values()) {
    if (hasEnded(stage.status)) continue;
    if (stage.status === 'running') stage.endedAt = event.at;
    if (event.status === 'cancelled') stage.status = 'cancelled';
    else if (stage.status === 'running') endAtWork(stage, event);
    else {
      stage.status = 'skipped';
      stage.skip = { reason: 'RUN_HALTED' };
      count(state, stage, 'totalFrames', -1);
    }
  }
  state.unfinished = 0;
  state.ready.clear();
  state.active.clear();
  state.gated.clear();
  state.unmet.clear();
}

function endAtWork(stage: StageState, event: EventOf<'run.finished'>): void {
  // A stage without frames has nothing that could have failed.
  stage.status = stage.frames.length === 0 ? 'succeeded' : 'failed';
  if (stage.status === 'failed') stage.code = event.code;
}

function failFrames(state: RunState, stage: StageState): void {
  if (stage.frames.length === 0) count(state, stage, 'failed', 1);
  for (const frame of stage.frames) {
    if (isFrameEnded(frame)) continue;
    delete frame.waiting;
    const last = frame.attempts.at(-1);
    if (last === undefined) {
      frame.phase = 'skipped';
      count(state, stage, 'totalFrames', -1);
    } else {
      frame.phase = last.verdict === 'rejected' ? 'rejected' : 'failed';
      count(state, stage, frame.phase, 1);
    }
  }
  recountFrames(stage);
}

function setMessage(state: RunState, message: string | undefined): void {
  if (message === undefined) delete state.message;
  else state.message = message;
}
