import { count, endRowOfFails } from './counters.ts';
import type { EventOf } from './event-of.ts';
import { frameBegan, frameEnded, wasRetried } from './frames.ts';
import { attemptOf, frameOf, stageOf } from './lookup.ts';
import { isNoFailureOfTheWork } from './service-outcome.ts';
import type { RunState } from './state.ts';
import { addAttemptUsage, addAuditUsage } from './usage.ts';

/** Code of a rejection by a person who asked for a change: that is not a failure to hold the contract. */
export const REVISION_ASKED = 'REVISION_ASKED';

export function attemptStarted(state: RunState, event: EventOf<'attempt.started'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  const before = wasRetried(frame.attempts);
  frame.attempts.push({
    number: event.attempt,
    startedAt: event.at,
    agent: event.agent,
    runner: event.runner,
    outcome: 'running',
    findings: [],
    ...(event.runners === undefined ? {} : { runners: event.runners }),
    ...(event.model === undefined ? {} : { model: event.model }),
    ...(event.strategy === undefined ? {} : { strategy: event.strategy }),
    ...(event.sessionId === undefined ? {} : { sessionId: event.sessionId }),
  });
  if (!before && wasRetried(frame.attempts)) count(state, stage, 'retriedFrames', 1);
  frame.phase = 'generating';
  delete frame.waiting;
  frameBegan(stage, frame);
  count(state, stage, 'attempts', 1);
  state.phase = 'running';
}

export function attemptGenerated(state: RunState, event: EventOf<'attempt.generated'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.outcome = event.outcome;
  if (event.code !== undefined) attempt.code = event.code;
  if (event.message !== undefined) attempt.message = event.message;
  if (event.exitCode !== undefined) attempt.exitCode = event.exitCode;
  if (event.sessionId !== undefined) attempt.sessionId = event.sessionId;
  if (event.model !== undefined) attempt.model = event.model;
  if (event.logFile !== undefined) attempt.logFile = event.logFile;
  if (event.usage !== undefined) attempt.usage = event.usage;
  if (event.silentMs !== undefined) attempt.silentMs = event.silentMs;
  if (event.retryAt !== undefined) attempt.retryAt = event.retryAt;
  addAttemptUsage(state, stage, attempt);
  if (event.outcome === 'ok' && event.question === undefined) {
    frame.phase = 'auditing';
    return;
  }
  attempt.endedAt = event.at;
  frame.phase = 'retrying';
  if (event.outcome === 'ok' && event.question !== undefined) attempt.question = event.question;
  else if (event.outcome !== 'cancelled' && !isServices(state, event))
    count(state, stage, 'consecutiveFails', 1);
}

/** The model's service is to blame, not the agent. */
function isServices(state: RunState, { stage, outcome }: EventOf<'attempt.generated'>): boolean {
  return state.definitions.get(stage)?.work.kind === 'agent' && isNoFailureOfTheWork(outcome);
}

/** Counted when the attempt ends, with its last figures. */
export function attemptSpent(state: RunState, event: EventOf<'attempt.spent'>): void {
  attemptOf(state, event).usage = event.usage;
}

export function attemptWaiting(state: RunState, event: EventOf<'attempt.waiting'>): void {
  const { runner, outcome, until, message } = event;
  frameOf(state, event).waiting = {
    runner,
    outcome,
    until,
    ...(message === undefined ? {} : { message }),
  };
}

export function attemptJudged(state: RunState, event: EventOf<'attempt.judged'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.endedAt = event.at;
  delete frame.waiting;
  attempt.verdict = event.verdict;
  attempt.findings = event.findings;
  if (event.code !== undefined) attempt.code = event.code;
  if (event.logFile !== undefined) attempt.auditLogFile = event.logFile;
  if (event.usage !== undefined) addAuditUsage(state, stage, event.usage);
  // Copied, not assigned: an output may be called like something that objects inherit.
  if (event.outputs !== undefined) stage.outputs = { ...stage.outputs, ...event.outputs };
  if (event.pendingTests !== undefined) stage.pendingTests = event.pendingTests;
  if (event.verdict === 'rejected') {
    frame.phase = 'retrying';
    if (event.code !== REVISION_ASKED) count(state, stage, 'consecutiveFails', 1);
    return;
  }
  frame.phase = 'approved';
  count(state, stage, 'approved', 1);
  endRowOfFails(state, stage);
  frameEnded(state, stage, frame, event.at);
}

/** Nothing is known about the result: it stays, and is looked at again. */
export function auditFailed(state: RunState, event: EventOf<'audit.failed'>): void {
  const stage = stageOf(state, event.stage);
  const attempt = attemptOf(state, event);
  attempt.auditFailures = [
    ...(attempt.auditFailures ?? []),
    {
      outcome: event.outcome,
      at: event.at,
      ...(event.code === undefined ? {} : { code: event.code }),
      ...(event.message === undefined ? {} : { message: event.message }),
      ...(event.silentMs === undefined ? {} : { silentMs: event.silentMs }),
      ...(event.runner === undefined ? {} : { runner: event.runner }),
      ...(event.runners === undefined ? {} : { runners: event.runners }),
      ...(event.retryAt === undefined ? {} : { retryAt: event.retryAt }),
    },
  ];
  delete frameOf(state, event).waiting;
  if (event.logFile !== undefined) attempt.auditLogFile = event.logFile;
  addAuditUsage(state, stage, event.usage);
  const kind = state.definitions.get(stage.name)?.audit?.work.kind;
  if (kind === 'agent' && isNoFailureOfTheWork(event.outcome)) return;
  count(state, stage, 'consecutiveFails', 1);
}

export function frameFailed(state: RunState, event: EventOf<'frame.failed'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  frame.phase = event.status;
  delete frame.waiting;
  stage.failing ??= { frame: frame.index, code: event.code, message: event.message ?? '' };
  count(state, stage, event.status, 1);
  frameEnded(state, stage, frame, event.at);
}

export function attemptAbandoned(state: RunState, event: EventOf<'attempt.abandoned'>): void {
  const attempt = attemptOf(state, event);
  attempt.outcome = 'abandoned';
  attempt.message = event.reason;
  if (event.ownerLost === true) attempt.ownerLost = true;
  attempt.endedAt = event.at;
  frameOf(state, event).phase = 'retrying';
  addAttemptUsage(state, stageOf(state, event.stage), attempt);
}
