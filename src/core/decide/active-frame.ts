import type { Job } from '../pipeline/definition.ts';
import { REVISION_ASKED } from '../run/attempt-events.ts';
import { isNoFailureOfTheWork, isServiceFailure } from '../run/service-outcome.ts';
import type { AttemptState, AuditFailure, FrameState, StageState } from '../run/state.ts';
import { backoffMs, type FailureRule, failureRule, isWorthRetrying } from './attempt-failure.ts';
import { definitionOf, perform } from './build.ts';
import type { Decision } from './decision.ts';
import { failFrame, giveUp } from './give-up.ts';
import { givenTo, wasCutOff, wasInterrupted } from './interrupted.ts';
import { limitStop } from './limit-stop.ts';
import { begin, goingOn, type Place } from './place.ts';
import { afterServiceFailure, afterServiceFailureOfCheck } from './service-wait.ts';
import { nextStrategy } from './strategy.ts';

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
  const { kind = 'agent' } = definition.audit?.work ?? {};
  const rule = failureRule(failure.outcome, kind);
  const counted = failures.filter(({ outcome }) => isOfTheWork(outcome, kind));
  const alike = counted.filter(({ outcome }) => outcome === failure.outcome).length;
  const isUsedUp = counted.length > Math.max(1, definition.retries) || alike > rule.retries;
  const pauseMs = pauseBefore(place, rule, { failures: counted.length, alike });
  const ends = { status: 'failed', kind, ...silence(failure) } as const;
  if (kind === 'agent' && isServiceFailure(failure.outcome)) {
    const unavailable = counted.filter(({ outcome }) => outcome === 'unavailable').length;
    const counts = { failures: counted.length, alike: unavailable };
    const wayOn = afterServiceFailureOfCheck(place, last, failures, () =>
      isUsedUp ? undefined : pauseBefore(place, failureRule('unavailable'), counts),
    );
    if (!('message' in wayOn)) return wayOn;
    return [giveUp(place, failure.code ?? rule.code, { message: wayOn.message, ...ends })];
  }
  if (isUsedUp) {
    const message = `the check could not be made: ${failure.message ?? failure.outcome}`;
    return [giveUp(place, failure.code ?? rule.code, { message, ...ends })];
  }
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
  const since = frame.attempts.slice(frame.attemptsBefore);
  if (wasInterrupted(last) || (since.length === 0 && wasCutOff(last)))
    return begin(place, { ...givenTo(stage, frame, last), ...goingOn(place, last) });
  if (since.length === 0) {
    const findings = stage.reopenedFor.length > 0 ? stage.reopenedFor : last.findings;
    return begin(place, { findings, ...goingOn(place, last) });
  }
  return last.verdict === 'rejected' ? afterRejection(place, last, since) : afterFailure(place, last, since);
}

/** The findings are put back to the agent, at most as often as the stage allows. */
function afterRejection(place: Place, last: AttemptState, since: readonly AttemptState[]): Decision[] {
  const { state, stage } = place;
  const code = last.code ?? 'OUTPUT_INVALID';
  const { audit, repairs, work } = definitionOf(state, stage.name);
  const rejections = since.filter(isRejection).length;
  // Where an audit decides, what failed and what was rejected are retries of one kind.
  const used =
    audit === undefined
      ? rejections
      : rejections + since.filter((one) => isOwnFailure(one, work.kind)).length;
  if (code !== REVISION_ASKED && used > allowed(place, repairs))
    return [failFrame(place, code, last.findings.join('; '), 'rejected')];
  const counts = { failures: rejections, attempts: since.filter(takesTurn).length };
  const strategy = nextStrategy(state, stage.name, code, counts);
  return begin(place, { ...strategy, findings: last.findings, ...goingOn(place, last) });
}

function afterFailure(place: Place, last: AttemptState, since: readonly AttemptState[]): Decision[] {
  const { state, stage, now } = place;
  const definition = definitionOf(state, stage.name);
  const { kind } = definition.work;
  const rule = failureRule(last.outcome, kind);
  const code = last.code ?? rule.code;
  const { failures, isUsedUp, pauseMs } = retriesOf(place, last, since);
  const ends = { status: 'failed', kind, ...silence(last) } as const;
  if (kind === 'agent' && isServiceFailure(last.outcome)) {
    const wayOn = afterServiceFailure(place, last, since, (runner) => {
      const its = since.findLast((one) => one.runner === runner && one.outcome === 'unavailable');
      const retries = its === undefined ? undefined : retriesOf(place, its, since);
      return retries === undefined || retries.isUsedUp ? undefined : retries.pauseMs;
    });
    if (!('message' in wayOn)) return wayOn;
    return [giveUp(place, code, { message: wayOn.message, ...ends })];
  }
  if (isUsedUp) return [giveUp(place, code, { message: last.message ?? '', ...ends })];
  const due = Date.parse(last.endedAt ?? state.at) + pauseMs;
  if (pauseMs > 0 && now < due) return [{ do: 'wait', until: due }];
  const counts = { failures, attempts: since.filter(takesTurn).length };
  const strategy = nextStrategy(state, stage.name, code, counts);
  // What an audit found still has to be put right.
  const findings = definition.audit === undefined ? [] : (since.findLast(isRejection)?.findings ?? []);
  const { sessionId, ...runner } = goingOn(place, last);
  const session = rule.resume && sessionId !== undefined ? { sessionId } : {};
  return begin(place, { ...strategy, findings, ...runner, ...session });
}

/** What is left of the stage's retries after a failure, and how long is waited before the next. */
function retriesOf(place: Place, failed: AttemptState, since: readonly AttemptState[]) {
  const definition = definitionOf(place.state, place.stage.name);
  const { kind } = definition.work;
  const rule = failureRule(failed.outcome, kind);
  // That another runner could not be reached is no failure of this one.
  const failures = since.filter(
    (one) => isOwnFailure(one, kind) && (one.outcome !== 'unavailable' || one.runner === failed.runner),
  );
  const alike = failures.filter((one) => one.outcome === failed.outcome).length;
  const used =
    definition.audit === undefined ? failures.length : failures.length + since.filter(isRejection).length;
  // Silence is no failure of an agent before it was asked once more (spec: run-status, STALLED).
  const isFirstSilence = failed.outcome === 'stalled' && kind === 'agent' && failures.length === 1;
  const isUsedUp =
    (used > allowed(place, definition.retries) && !isFirstSilence) ||
    alike > rule.retries ||
    !isWorthRetrying(definition.retry, failed, failed.code ?? rule.code);
  const pauseMs = pauseBefore(place, rule, { failures: failures.length, alike });
  return { failures: failures.length, isUsedUp, pauseMs };
}

function isRejection(attempt: AttemptState): boolean {
  return attempt.verdict === 'rejected' && attempt.code !== REVISION_ASKED;
}

function silence({ silentMs }: Pick<AuditFailure, 'silentMs'>): Pick<AuditFailure, 'silentMs'> {
  return silentMs === undefined ? {} : { silentMs };
}

function isOwnFailure(attempt: AttemptState, kind: Job['kind']): boolean {
  return attempt.outcome !== 'ok' && !wasInterrupted(attempt) && isOfTheWork(attempt.outcome, kind);
}

/** That an agent's service wants to be waited for is no fault of the work; a command has no such service. */
function isOfTheWork(outcome: string, kind: Job['kind']): boolean {
  return kind === 'command' || !isNoFailureOfTheWork(outcome);
}

/** What was interrupted, or met a service that does not answer, takes no strategy's turn. */
function takesTurn(attempt: AttemptState): boolean {
  return !wasInterrupted(attempt) && !isServiceFailure(attempt.outcome);
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
    return begin(place, { question, answer: last.answer, ...goingOn(place, last) });
  }
  const at = { stage: stage.name, frame: frame.index, attempt: last.number };
  return [perform({ kind: 'ask-question', ...at, question })];
}

/** The stage's own number; in feature runs within that of the retry configuration, which counts the first attempt as well. */
function allowed({ state }: Place, ofStage: number): number {
  if (state.created.feature === undefined) return ofStage;
  return Math.min(ofStage, state.created.retry.maxAttempts - 1);
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
