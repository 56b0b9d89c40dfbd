import type { Job } from '../pipeline/definition.ts';
import { REVISION_ASKED } from '../run/attempt-events.ts';
import type { AttemptState, AuditFailure, FrameState, RunState, StageState } from '../run/state.ts';
import { backoffMs, type FailureRule, failureRule, isWorthRetrying } from './attempt-failure.ts';
import { definitionOf, perform, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { givenTo, wasInterrupted } from './interrupted.ts';
import { budgetSpent, limitStop } from './limit-stop.ts';
import { stallTimeoutOf } from './limits.ts';
import { nextStrategy } from './strategy.ts';

/** A frame at work, and when it is looked at. */
export interface Place {
  readonly state: RunState;
  readonly stage: StageState;
  readonly frame: FrameState;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A frame's first attempt, the check of its last one, or another one. */
export function forFrame(place: Place): Decision[] {
  const { stage, frame } = place;
  const last = frame.attempts.at(-1);
  // A frame that was reset begins anew; the attempts it made before stay beside the new ones.
  if (last === undefined || frame.phase === 'pending') return begin(place, {});
  if (frame.phase === 'generating') return [performAttempt(stage, frame, last)];
  return frame.phase === 'auditing' ? check(place, last) : again(place, last);
}

/** The result is looked at; a check that could not be made is made again, the work is not. */
function check(place: Place, last: AttemptState): Decision[] {
  const { state, stage, frame, now } = place;
  const judge = perform({ kind: 'judge', stage: stage.name, frame: frame.index, attempt: last.number });
  const failures = last.auditFailures ?? [];
  const failure = failures.at(-1);
  if (failure === undefined) return beyondBudget(place) ?? [judge];
  const definition = definitionOf(state, stage.name);
  const rule = failureRule(failure.outcome, definition.audit?.work.kind);
  const alike = failures.filter(({ outcome }) => outcome === failure.outcome).length;
  if (failures.length > Math.max(1, definition.retries) || alike > rule.retries) {
    const message = `the check could not be made: ${failure.message ?? failure.outcome}`;
    const { kind = 'agent' } = definition.audit?.work ?? {};
    return [
      giveUp(place, failure.code ?? rule.code, { message, status: 'failed', kind, ...silence(failure) }),
    ];
  }
  const pauseMs = pauseBefore(place, rule, { failures: failures.length, alike });
  const due = Date.parse(failure.at) + pauseMs;
  if (pauseMs > 0 && now < due) return [{ do: 'wait', until: due }];
  return limitStop(state, stage, now) ?? [judge];
}

/** A check that would be paid for is not begun once the budget is used up. Any other is: it completes what was begun. */
function beyondBudget({ state, stage, now }: Place): Decision[] | undefined {
  const isPaidFor = definitionOf(state, stage.name).audit?.work.kind === 'agent';
  return isPaidFor ? limitStop(state, stage, now, 'budget only') : undefined;
}

/** An attempt ended without an approved result: the next one, or the end of the stage. */
function again(place: Place, last: AttemptState): Decision[] {
  const { stage, frame } = place;
  if (last.question !== undefined && last.outcome === 'ok') return afterQuestion(place, last, last.question);
  if (wasInterrupted(last)) return begin(place, { ...givenTo(stage, frame, last), ...sessionOf(last) });
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
  const { audit, repairs } = definitionOf(state, stage.name);
  const rejections = since.filter(isRejection).length;
  // Where an audit decides, what failed and what was rejected are retries of one kind.
  const used = audit === undefined ? rejections : rejections + since.filter(isOwnFailure).length;
  if (code !== REVISION_ASKED && used > allowed(place, repairs))
    return [failFrame(place, code, last.findings.join('; '), 'rejected')];
  const counts = { failures: rejections, attempts: since.filter(isNoInterruption).length };
  const strategy = nextStrategy(state, stage.name, code, counts);
  return begin(place, { ...strategy, findings: last.findings, ...sessionOf(last) });
}

function afterFailure(place: Place, last: AttemptState, since: readonly AttemptState[]): Decision[] {
  const { state, stage, now } = place;
  const definition = definitionOf(state, stage.name);
  const rule = failureRule(last.outcome, definition.work.kind);
  const failures = since.filter(isOwnFailure);
  const alike = failures.filter((attempt) => attempt.outcome === last.outcome).length;
  const used =
    definition.audit === undefined ? failures.length : failures.length + since.filter(isRejection).length;
  // Silence is no failure of an agent before it was asked once more (spec: run-status, STALLED).
  const isFirstSilence =
    last.outcome === 'stalled' && definition.work.kind === 'agent' && failures.length === 1;
  const isUsedUp = (used > allowed(place, definition.retries) && !isFirstSilence) || alike > rule.retries;
  if (isUsedUp || !isWorthRetrying(definition.retry, last, last.code ?? rule.code))
    return [
      giveUp(place, last.code ?? rule.code, {
        message: last.message ?? '',
        status: 'failed',
        kind: definition.work.kind,
        ...silence(last),
      }),
    ];
  const pauseMs = pauseBefore(place, rule, { failures: failures.length, alike });
  const due = Date.parse(last.endedAt ?? state.at) + pauseMs;
  if (pauseMs > 0 && now < due) return [{ do: 'wait', until: due }];
  const counts = { failures: failures.length, attempts: since.filter(isNoInterruption).length };
  const strategy = nextStrategy(state, stage.name, last.code ?? rule.code, counts);
  // What an audit found still has to be put right.
  const findings = definition.audit === undefined ? [] : (since.findLast(isRejection)?.findings ?? []);
  return begin(place, { ...strategy, findings, ...(rule.resume ? sessionOf(last) : {}) });
}

function isRejection(attempt: AttemptState): boolean {
  return attempt.verdict === 'rejected' && attempt.code !== REVISION_ASKED;
}

function silence({ silentMs }: Pick<AuditFailure, 'silentMs'>): Pick<AuditFailure, 'silentMs'> {
  return silentMs === undefined ? {} : { silentMs };
}

function isOwnFailure(attempt: AttemptState): boolean {
  return attempt.outcome !== 'ok' && !wasInterrupted(attempt);
}

/** What was interrupted takes no strategy's turn. */
function isNoInterruption(attempt: AttemptState): boolean {
  return !wasInterrupted(attempt);
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
    limitStop(state, stage, now) ?? [
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

/** What is known of a frame's failure. */
interface Failure extends Pick<AuditFailure, 'silentMs'> {
  readonly message: string;
  readonly status: 'failed' | 'rejected';
  /** What failed: the frame's work, or the check of it. */
  readonly kind: Job['kind'];
}

function giveUp(place: Place, code: string, failure: Failure): Decision {
  const { state, stage } = place;
  if (code === 'STALLED') {
    const limitMs = stallTimeoutOf(state, failure.kind, stage.name) ?? 0;
    return stopRun(code, limitMs, Math.max(limitMs, failure.silentMs ?? 0), failure.message);
  }
  if (code === 'BUDGET_EXCEEDED') return budgetSpent(state, stage, place.now, failure.message);
  const { dependency } = definitionOf(state, stage.name);
  const named = code === 'STAGE_FAILED' && dependency !== undefined ? dependencyCode(dependency) : code;
  return failFrame(place, named, failure.message, failure.status);
}

/** A stage of one piece fails as a whole; of one with items, others may go on. */
function failFrame(
  { state, stage, frame }: Place,
  code: string,
  message: string,
  status: 'failed' | 'rejected',
): Decision {
  if (definitionOf(state, stage.name).foreach === undefined) return failStage(stage, code, message);
  const at = { stage: stage.name, frame: frame.index };
  return { do: 'record', event: { type: 'frame.failed', ...at, status, code, message } };
}

/** `texture-packer` fails as `DEP_TEXTURE_PACKER_FAIL`. */
export function dependencyCode(tool: string): string {
  return `DEP_${tool.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_FAIL`;
}

export function failStage(stage: StageState, code: string, message: string): Decision {
  return {
    do: 'record',
    event: { type: 'stage.finished', stage: stage.name, status: 'failed', code, message },
  };
}

function sessionOf(attempt: AttemptState): { sessionId?: string } {
  return attempt.sessionId === undefined ? {} : { sessionId: attempt.sessionId };
}
