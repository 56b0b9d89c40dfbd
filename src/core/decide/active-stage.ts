import { REVISION_ASKED } from '../run/attempt-events.ts';
import type { AttemptState, FrameState, RunState, StageState } from '../run/state.ts';
import { backoffMs, type FailureRule, failureRule, isWorthRetrying } from './attempt-failure.ts';
import { definitionOf, perform, stageState, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { limitStop } from './limit-stop.ts';
import { nextStrategy } from './strategy.ts';

/** A frame at work, and when it is looked at. */
interface Place {
  readonly state: RunState;
  readonly stage: StageState;
  readonly frame: FrameState;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What an active stage needs next: its first attempt, the check of the last one, another one, or its end. */
export function forActiveStage(state: RunState, name: string, now: number): Decision[] {
  const stage = stageState(state, name);
  const frame = stage.frames[stage.cursor];
  if (frame === undefined)
    return [{ do: 'record', event: { type: 'stage.finished', stage: name, status: 'succeeded' } }];
  const place = { state, stage, frame, now };
  const last = frame.attempts.at(-1);
  // A frame that was reset begins anew; the attempts it made before stay beside the new ones.
  if (last === undefined || frame.phase === 'pending') return begin(place, {});
  if (frame.phase === 'generating') return [performAttempt(stage, frame, last)];
  if (frame.phase === 'auditing') {
    return [perform({ kind: 'judge', stage: name, frame: frame.index, attempt: last.number })];
  }
  return again(place, last);
}

/** An attempt ended without an approved result: the next one, or the end of the stage. */
function again(place: Place, last: AttemptState): Decision[] {
  const { stage, frame } = place;
  if (last.question !== undefined && last.outcome === 'ok') return afterQuestion(place, last, last.question);
  const since = frame.attempts.slice(frame.attemptsBefore);
  if (since.length === 0) {
    const findings = stage.reopenedFor.length > 0 ? stage.reopenedFor : last.findings;
    return begin(place, { findings, ...sessionOf(last) });
  }
  return last.verdict === 'rejected' ? afterRejection(place, last, since) : afterFailure(place, last, since);
}

/** The findings are put back to the agent, at most as often as the stage allows. */
function afterRejection(place: Place, last: AttemptState, since: readonly AttemptState[]): Decision[] {
  const { state, stage } = place;
  const code = last.code ?? 'OUTPUT_INVALID';
  const rejections = since.filter(
    (attempt) => attempt.verdict === 'rejected' && attempt.code !== REVISION_ASKED,
  ).length;
  if (code !== REVISION_ASKED && rejections > allowed(place, definitionOf(state, stage.name).repairs))
    return [failStage(stage, code, last.findings.join('; '))];
  const strategy = nextStrategy(state, stage.name, code, rejections);
  return begin(place, { ...strategy, findings: last.findings, ...sessionOf(last) });
}

function afterFailure(place: Place, last: AttemptState, since: readonly AttemptState[]): Decision[] {
  const { state, stage, now } = place;
  if (last.outcome === 'cancelled' || last.ownerLost === true) return begin(place, sessionOf(last));
  const definition = definitionOf(state, stage.name);
  const rule = failureRule(last.outcome, definition.work.kind);
  const failures = since.filter(isOwnFailure);
  const alike = failures.filter((attempt) => attempt.outcome === last.outcome).length;
  const isUsedUp = failures.length > allowed(place, definition.retries) || alike > rule.retries;
  if (isUsedUp || !isWorthRetrying(definition.retry, last, rule.code))
    return [giveUp(place, rule.code, last)];
  const pauseMs = pauseBefore(place, rule, { failures: failures.length, alike });
  const due = Date.parse(last.endedAt ?? state.at) + pauseMs;
  if (pauseMs > 0 && now < due) return [{ do: 'wait', until: due }];
  const strategy = nextStrategy(state, stage.name, rule.code, failures.length);
  return begin(place, { ...strategy, findings: [], ...(rule.resume ? sessionOf(last) : {}) });
}

/** What was interrupted, or died with its owner, failed through no fault of its own. */
function isOwnFailure(attempt: AttemptState): boolean {
  return attempt.outcome !== 'ok' && attempt.outcome !== 'cancelled' && attempt.ownerLost !== true;
}

/** The longer of what the stage says and what suits the failure, in ms. */
function pauseBefore(
  { state, stage, frame }: Place,
  rule: FailureRule,
  { failures, alike }: { readonly failures: number; readonly alike: number },
): number {
  const own = definitionOf(state, stage.name).retry;
  const suited = rule.delayMs * 2 ** (alike - 1);
  if (own === undefined) return suited;
  return Math.max(suited, backoffMs(own, failures, `${state.executionId}:${stage.name}:${frame.index}`));
}

function afterQuestion(place: Place, last: AttemptState, question: string): Decision[] {
  const { stage, frame } = place;
  if (last.answer !== undefined) {
    return begin(place, { question, answer: last.answer, ...sessionOf(last) });
  }
  const at = { stage: stage.name, frame: frame.index, attempt: last.number };
  return [perform({ kind: 'ask-question', ...at, question })];
}

/** The stage's own number; in feature runs within that of the retry configuration, which counts the first attempt as well. */
function allowed({ state }: Place, ofStage: number): number {
  if (state.created.feature === undefined) return ofStage;
  return Math.min(ofStage, state.created.retry.maxAttempts - 1);
}

interface AttemptInput {
  readonly strategy?: string;
  readonly strategyReason?: string;
  readonly findings?: readonly string[];
  readonly sessionId?: string;
  readonly question?: string;
  readonly answer?: string;
}

function begin({ state, stage, frame, now }: Place, input: AttemptInput): Decision[] {
  const attempt = frame.attempts.length + 1;
  return (
    limitStop(state, now) ?? [
      perform({ kind: 'attempt', stage: stage.name, frame: frame.index, attempt, findings: [], ...input }),
    ]
  );
}

function performAttempt(stage: StageState, frame: FrameState, last: AttemptState): Decision {
  return perform({
    kind: 'attempt',
    stage: stage.name,
    frame: frame.index,
    attempt: last.number,
    findings: [],
  });
}

function giveUp({ state, stage }: Place, code: string, last: AttemptState): Decision {
  if (code === 'STALLED' || code === 'BUDGET_EXCEEDED') return stopRun(code, 0, 1, last.message);
  const { dependency } = definitionOf(state, stage.name);
  const named = code === 'STAGE_FAILED' && dependency !== undefined ? dependencyCode(dependency) : code;
  return failStage(stage, named, last.message ?? '');
}

/** `texture-packer` fails as `DEP_TEXTURE_PACKER_FAIL`. */
function dependencyCode(tool: string): string {
  return `DEP_${tool.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_FAIL`;
}

function failStage(stage: StageState, code: string, message: string): Decision {
  return {
    do: 'record',
    event: { type: 'stage.finished', stage: stage.name, status: 'failed', code, message },
  };
}

function sessionOf(attempt: AttemptState): { sessionId?: string } {
  return attempt.sessionId === undefined ? {} : { sessionId: attempt.sessionId };
}
