import type { EventOf } from '../run/event-of.ts';
import type { AttemptState } from '../run/state.ts';
import { agentAttributes, usageAttributes } from './agent-attributes.ts';
import type { AttemptSpan, Book, StageSpan } from './book.ts';
import { EVENT, NAME, VALUE } from './names.ts';
import { breakOff, openStage } from './stage-spans.ts';

interface Key {
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
}

export function attemptStarted(book: Book, event: EventOf<'attempt.started'>, at: number): void {
  const stage = openStage(book, event.stage, at);
  const { agent, runner, model, strategy, sessionId } = event;
  const attempt = openAttempt(book, stage, event, { agent, runner }, at);
  const isAgent = worksAsAgent(book, event.stage);
  attempt.span.add({
    ...(isAgent ? agentAttributes(agent, runner, model) : {}),
    ...(isAgent && sessionId !== undefined ? { [NAME.conversation]: sessionId } : {}),
    ...(strategy === undefined ? {} : { [NAME.strategy]: strategy }),
  });
}

export function sessionOpened(book: Book, event: EventOf<'session.opened'>): void {
  attemptOf(book, event).span.add({ [NAME.conversation]: event.sessionId });
}

export function attemptGenerated(book: Book, event: EventOf<'attempt.generated'>, at: number): void {
  const attempt = attemptOf(book, event);
  const { outcome, exitCode, code, sessionId, model, agentVersion } = event;
  attempt.span.add({
    [NAME.outcome]: outcome,
    ...usageAttributes(event.usage),
    ...(exitCode === undefined ? {} : { [NAME.exitCode]: exitCode }),
    ...(sessionId === undefined ? {} : { [NAME.conversation]: sessionId }),
    ...(model === undefined ? {} : { [NAME.responseModel]: model }),
    ...(agentVersion === undefined ? {} : { [NAME.agentVersion]: agentVersion }),
  });
  if (outcome !== 'ok') {
    // Stopped from outside is not a failure of its own.
    if (outcome !== 'cancelled') attempt.span.add({ [NAME.errorType]: code ?? outcome });
    return end(attempt, at, outcome !== 'cancelled');
  }
  if (event.question === undefined) {
    attempt.checkedFrom = at;
    return;
  }
  book.stages.get(event.stage)?.span.event(EVENT.questionAsked, at, { [NAME.frame]: event.frame });
  end(attempt, at, false);
}

export function attemptJudged(book: Book, event: EventOf<'attempt.judged'>, at: number): void {
  const attempt = attemptOf(book, event);
  if (attempt.ended) return;
  const { verdict, code, findings } = event;
  addCheck(book, event, attempt, at, {
    attributes: {
      [NAME.verdict]: verdict,
      [NAME.findings]: findings.length,
      ...usageAttributes(event.usage),
    },
    isError: false,
  });
  const isRejected = verdict === 'rejected';
  attempt.span.add({
    [NAME.verdict]: verdict,
    [NAME.findings]: findings.length,
    ...(isRejected ? { [NAME.errorType]: code ?? verdict } : {}),
  });
  end(attempt, at, isRejected);
}

export function auditFailed(book: Book, event: EventOf<'audit.failed'>, at: number): void {
  const attempt = attemptOf(book, event);
  addCheck(book, event, attempt, at, {
    attributes: {
      [NAME.outcome]: event.outcome,
      [NAME.errorType]: event.outcome,
      ...usageAttributes(event.usage),
    },
    isError: true,
  });
  attempt.checkedFrom = at;
  attempt.checkFailure = event.outcome;
}

export function attemptAbandoned(book: Book, event: EventOf<'attempt.abandoned'>, at: number): void {
  const attempt = attemptOf(book, event);
  attempt.span.add({
    [NAME.outcome]: 'abandoned',
    ...(event.ownerLost === true ? { [NAME.ownerLost]: true } : {}),
  });
  end(attempt, at, false);
}

/** A frame for which no more attempts are made. */
export function frameFailed(book: Book, event: EventOf<'frame.failed'>, at: number): void {
  const stage = book.stages.get(event.stage);
  stage?.span.event(EVENT.frameFailed, at, { [NAME.frame]: event.frame, [NAME.reason]: event.code });
  const attempt = stage?.latest.get(event.frame);
  if (attempt !== undefined) breakOff(attempt, at);
}

function openAttempt(
  book: Book,
  stage: StageSpan,
  key: Key,
  by: Partial<Pick<AttemptState, 'agent' | 'runner'>>,
  at: number,
): AttemptSpan {
  const { frame, attempt: number } = key;
  const isAgent = worksAsAgent(book, key.stage);
  const attempt: AttemptSpan = {
    span: book.sheet.open({
      spanId: book.ids.span('stage', stage.name, stage.number, 'attempt', frame, number),
      name: isAgent ? `${VALUE.invokeAgent} ${by.agent ?? key.stage}` : `command ${key.stage}`,
      startedAt: at,
      parent: stage.span,
    }),
    runner: by.runner,
    checkedFrom: undefined,
    checks: 0,
    ended: false,
  };
  attempt.span.add({
    [NAME.stage]: key.stage,
    [NAME.frame]: frame,
    [NAME.attempt]: number,
    ...(by.runner === undefined ? {} : { [NAME.runner]: by.runner }),
  });
  stage.attempts.set(`${frame}/${number}`, attempt);
  stage.latest.set(frame, attempt);
  return attempt;
}

/** What an attempt of an earlier segment left to be done, such as its check, belongs to this one from its beginning. */
function attemptOf(book: Book, key: Key): AttemptSpan {
  const found = book.stages.get(key.stage)?.attempts.get(`${key.frame}/${key.attempt}`);
  if (found !== undefined) return found;
  const before = book.state.stages
    .get(key.stage)
    ?.frames[key.frame]?.attempts.find(({ number }) => number === key.attempt);
  const stage = openStage(book, key.stage, book.startedAt);
  const attempt = openAttempt(book, stage, key, before ?? {}, book.startedAt);
  attempt.span.add({ [NAME.continued]: true });
  if (before !== undefined && worksAsAgent(book, key.stage))
    attempt.span.add(agentAttributes(before.agent, before.runner, before.model));
  attempt.checkedFrom = book.startedAt;
  return attempt;
}

/** The check of what an attempt made, as a part of it, where there is something to be checked. */
function addCheck(
  book: Book,
  key: Key,
  attempt: AttemptSpan,
  at: number,
  found: { readonly attributes: Parameters<AttemptSpan['span']['add']>[0]; readonly isError: boolean },
): void {
  const stage = book.state.definitions.get(key.stage);
  const auditor = stage?.audit?.work;
  if ((auditor ?? stage?.contract ?? stage?.produces ?? stage?.outputs) === undefined) return;
  attempt.checks += 1;
  const words = [
    'stage',
    key.stage,
    book.stages.get(key.stage)?.number ?? 1,
    'attempt',
    key.frame,
    key.attempt,
  ];
  const span = book.sheet.open({
    spanId: book.ids.span(...words, 'audit', attempt.checks),
    name: auditor?.kind === 'agent' ? `${VALUE.invokeAgent} ${auditor.agent}` : `audit ${key.stage}`,
    startedAt: attempt.checkedFrom ?? at,
    parent: attempt.span,
  });
  // Which program an agent's check was asked of is not in the journal, only what follows from the run.
  const runner = book.state.settings.runner ?? (stage?.work.kind === 'agent' ? attempt.runner : undefined);
  span.add({
    [NAME.auditor]: auditor?.kind ?? 'contract',
    [NAME.stage]: key.stage,
    [NAME.frame]: key.frame,
    [NAME.attempt]: key.attempt,
    ...(auditor?.kind === 'agent' ? agentAttributes(auditor.agent, runner, auditor.model) : {}),
    ...found.attributes,
  });
  span.end(at, found.isError);
}

function worksAsAgent(book: Book, stage: string): boolean {
  return book.state.definitions.get(stage)?.work.kind !== 'command';
}

function end(attempt: AttemptSpan, at: number, isError: boolean): void {
  attempt.span.end(at, isError);
  attempt.ended = true;
}
