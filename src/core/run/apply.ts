import { unreachable } from '../never.ts';
import { noteActivity } from './activity.ts';
import {
  approvalClosed,
  approvalDelegated,
  approvalNotified,
  approvalRequested,
  approvalVoted,
} from './approval-events.ts';
import {
  attemptAbandoned,
  attemptGenerated,
  attemptJudged,
  attemptSpent,
  attemptStarted,
  attemptWaiting,
  auditFailed,
  frameFailed,
} from './attempt-events.ts';
import { createdRun } from './created.ts';
import { runClosed, runFinished, runStopped, stageFinished, stageSkipped } from './end-events.ts';
import type { RunEvent } from './event.ts';
import { attemptOf, stageOf } from './lookup.ts';
import { feedbackGiven, feedbackMissing, gateAnswered } from './rating-events.ts';
import {
  rollbackFinished,
  rollbackStarted,
  rollbackStepFinished,
  rollbackStepStarted,
} from './rollback-events.ts';
import { segmentStarted } from './segment.ts';
import { stageStarted } from './stage-started.ts';
import type { RunState } from './state.ts';
import { noteWaiting } from './waiting.ts';

/**
 * Folds one event into the state, in place, in time that does not grow with the run. The first event must be
 * `run.created`. Events of an older epoch than one already seen are ignored: their writer had lost the run.
 */
export function apply(state: RunState | undefined, event: RunEvent): RunState {
  if (state === undefined) {
    if (event.type !== 'run.created') throw new Error(`a journal starts with run.created, not ${event.type}`);
    return createdRun(event);
  }
  if (event.epoch < state.epoch) return state;
  state.epoch = event.epoch;
  state.seq = event.seq;
  // Nothing overwrites `cancelled` (spec: pipelines 5).
  if (state.phase === 'cancelled' && event.type !== 'history.recorded') return state;
  state.at = event.at;
  if ('requestId' in event && event.requestId !== undefined) state.answered.add(event.requestId);
  change(state, event);
  if (isProgress(event)) noteActivity(state);
  noteWaiting(state);
  return state;
}

/** The state after all events, in order. */
export function replay(events: Iterable<RunEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = apply(state, event);
  return state;
}

/** Work began, went on or ended: what a reader is told of as being done may be another thing. */
function isProgress({ type }: RunEvent): boolean {
  return (
    type.startsWith('attempt.') ||
    type === 'audit.failed' ||
    type === 'frame.failed' ||
    type === 'stage.started' ||
    type === 'stage.finished'
  );
}

function change(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'run.created':
    case 'notice':
      return;
    case 'segment.started':
      return segmentStarted(state, event);
    case 'settings.changed':
      state.settings = event.settings;
      return;
    case 'stage.started':
      return stageStarted(state, event);
    case 'stage.skipped':
      return stageSkipped(state, event);
    case 'attempt.started':
      return attemptStarted(state, event);
    case 'attempt.generated':
      return attemptGenerated(state, event);
    case 'attempt.spent':
      return attemptSpent(state, event);
    case 'attempt.waiting':
      return attemptWaiting(state, event);
    case 'attempt.judged':
      return attemptJudged(state, event);
    case 'audit.failed':
      return auditFailed(state, event);
    case 'frame.failed':
      return frameFailed(state, event);
    case 'attempt.abandoned':
      return attemptAbandoned(state, event);
    case 'session.opened':
      attemptOf(state, event).sessionId = event.sessionId;
      return;
    case 'checkpoint.made':
      attemptOf(state, event).checkpoint = event.checkpoint;
      return;
    case 'feedback.given':
      return feedbackGiven(state, event);
    case 'feedback.missing':
      return feedbackMissing(state, event);
    case 'gate.answered':
      return gateAnswered(state, event);
    case 'question.answered':
      attemptOf(state, event).answer = event.answer;
      state.phase = 'running';
      state.code = 'RESUMING';
      return;
    case 'condition.met':
      stageOf(state, event.stage).condition = event.condition;
      return;
    case 'approval.requested':
      return approvalRequested(state, event);
    case 'approval.notified':
      return approvalNotified(state, event);
    case 'approval.voted':
      return approvalVoted(state, event);
    case 'approval.delegated':
      return approvalDelegated(state, event);
    case 'approval.closed':
      return approvalClosed(state, event);
    case 'request.refused':
      return;
    case 'rollback.started':
      return rollbackStarted(state, event);
    case 'rollback.step.started':
      return rollbackStepStarted(state, event);
    case 'rollback.step.finished':
      return rollbackStepFinished(state, event);
    case 'rollback.finished':
      return rollbackFinished(state, event);
    case 'stage.finished':
      return stageFinished(state, event);
    case 'work.failed':
      state.workFailed = {
        code: event.code,
        message: event.message,
        ...(event.stage === undefined ? {} : { stage: event.stage }),
      };
      return;
    case 'stop.requested':
      state.stopRequested = event.code;
      return;
    case 'run.closed':
      return runClosed(state, event);
    case 'run.stopped':
      return runStopped(state, event);
    case 'run.finished':
      return runFinished(state, event);
    case 'diagnostic.written':
      state.diagnostic = {
        path: event.path,
        ...(event.stackTrace === undefined ? {} : { stackTrace: event.stackTrace }),
      };
      return;
    case 'history.recorded':
      state.historyRecorded = true;
      return;
    default:
      return unreachable(event);
  }
}
