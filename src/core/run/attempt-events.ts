import type { EventOf } from './event-of.ts';
import { attemptOf, frameOf, lowestOpenFrame, stageOf } from './lookup.ts';
import type { RunState } from './state.ts';
import { addAttemptUsage } from './usage.ts';

/** Code of a rejection by a person who asked for a change: that is not a failure to hold the contract. */
export const REVISION_ASKED = 'REVISION_ASKED';

export function attemptStarted(state: RunState, event: EventOf<'attempt.started'>): void {
  const frame = frameOf(state, event);
  if (frame.attempts.length === 1) state.metrics.retriedFrames += 1;
  frame.attempts.push({
    number: event.attempt,
    startedAt: event.at,
    agent: event.agent,
    runner: event.runner,
    outcome: 'running',
    findings: [],
    ...(event.model === undefined ? {} : { model: event.model }),
    ...(event.strategy === undefined ? {} : { strategy: event.strategy }),
    ...(event.sessionId === undefined ? {} : { sessionId: event.sessionId }),
  });
  frame.phase = 'generating';
  state.metrics.attempts += 1;
  state.phase = 'running';
  state.code = 'GENERATING';
}

export function attemptGenerated(state: RunState, event: EventOf<'attempt.generated'>): void {
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.outcome = event.outcome;
  if (event.message !== undefined) attempt.message = event.message;
  if (event.exitCode !== undefined) attempt.exitCode = event.exitCode;
  if (event.sessionId !== undefined) attempt.sessionId = event.sessionId;
  if (event.model !== undefined) attempt.model = event.model;
  if (event.logFile !== undefined) attempt.logFile = event.logFile;
  if (event.usage !== undefined) attempt.usage = event.usage;
  addAttemptUsage(state, event.stage, event.usage);
  if (event.question !== undefined && event.outcome === 'ok') {
    attempt.question = event.question;
    attempt.endedAt = event.at;
    frame.phase = 'retrying';
    state.code = 'RETRYING';
  } else if (event.outcome === 'ok') {
    frame.phase = 'auditing';
    state.code = 'AUDITING';
  } else {
    attempt.endedAt = event.at;
    frame.phase = 'retrying';
    if (event.outcome !== 'cancelled') state.metrics.consecutiveFails += 1;
    state.code = 'RETRYING';
  }
}

export function attemptJudged(state: RunState, event: EventOf<'attempt.judged'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.endedAt = event.at;
  attempt.verdict = event.verdict;
  attempt.findings = event.findings;
  if (event.code !== undefined) attempt.code = event.code;
  // Copied, not assigned: an output may be called like something that objects inherit.
  if (event.outputs !== undefined) stage.outputs = { ...stage.outputs, ...event.outputs };
  if (event.pendingTests !== undefined) stage.pendingTests = event.pendingTests;
  if (event.verdict === 'rejected') {
    frame.phase = 'retrying';
    if (event.code !== REVISION_ASKED) state.metrics.consecutiveFails += 1;
    state.code = 'RETRYING';
    return;
  }
  frame.phase = 'approved';
  state.metrics.approved += 1;
  state.metrics.consecutiveFails = 0;
  state.metrics.finishedFrames += 1;
  state.metrics.finishedFrameMs +=
    Date.parse(event.at) - Date.parse(frame.attempts[0]?.startedAt ?? event.at);
  stage.cursor = lowestOpenFrame(stage);
  state.code = 'STAGE_RUNNING';
}

export function attemptAbandoned(state: RunState, event: EventOf<'attempt.abandoned'>): void {
  const attempt = attemptOf(state, event);
  attempt.outcome = 'abandoned';
  attempt.message = event.reason;
  if (event.ownerLost === true) attempt.ownerLost = true;
  attempt.endedAt = event.at;
  frameOf(state, event).phase = 'retrying';
  addAttemptUsage(state, event.stage, undefined);
}
