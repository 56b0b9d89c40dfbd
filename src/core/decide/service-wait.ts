import { isServiceFailure } from '../run/service-outcome.ts';
import type { AttemptState, AuditFailure } from '../run/state.ts';
import { perform } from './build.ts';
import type { Decision } from './decision.ts';
import { givenTo, wasInterrupted } from './interrupted.ts';
import { deadlineOf, limitStop } from './limit-stop.ts';
import { effectiveLimits, effectiveStageLimits } from './limits.ts';
import { type AttemptInput, begin, type Place, runnersAfter, sessionOf } from './place.ts';
import { nextTurn, type RunnerTurn, type ServiceFailure } from './runner-turn.ts';

/** What is done about a failure of a service: another attempt, a wait, or nothing, with what has to be said then. */
type WayOn = Decision[] | { readonly message: string };

/** Pause before a runner whose service could not be reached is tried again, in ms; undefined: its retries are used up. */
type RetryPause = (runner: string) => number | undefined;

/**
 * After an attempt that failed by its service's fault: the runner that is due next makes another one, each in its own
 * session, given what the failed one was given. None by itself is a failure of the stage.
 *
 * @param since attempts that count, oldest first
 */
export function afterServiceFailure(
  place: Place,
  last: AttemptState,
  since: readonly AttemptState[],
  retryPause: RetryPause,
): WayOn {
  const { state, stage, frame } = place;
  const runners = runnersAfter(state, last);
  const row = rowOf(since);
  const turn = nextTurn(runners, row, retryPause);
  if (turn === undefined || isBeyond(place, turn, row))
    return { message: whyNot(place, last.message ?? last.outcome, row, turn) };
  if (turn.due > place.now) return waitFor(place, turn, last.message);
  return begin(place, {
    ...givenTo(stage, frame, last),
    ...who(turn, runners, row),
    ...sessionOf(frame, turn.runner),
  });
}

/** The same after a check by an agent that could not be made. */
export function afterServiceFailureOfCheck(
  place: Place,
  last: AttemptState,
  failures: readonly AuditFailure[],
  retryPause: RetryPause,
): WayOn {
  const { state, stage, frame } = place;
  const failure = failures.at(-1);
  const { runner = '', runners: told } = failure ?? {};
  const runners = runnersAfter(state, { runner, ...(told === undefined ? {} : { runners: told }) });
  const [first = ''] = runners;
  const row = trailing(failures, ({ outcome }) => isServiceFailure(outcome)).map((one) =>
    // Older journals do not say who made it.
    serviceFailure({ ...one, runner: one.runner ?? first }, one.at),
  );
  const turn = nextTurn(runners, row, retryPause);
  const said = `the check could not be made: ${failure?.message ?? failure?.outcome ?? ''}`;
  if (turn === undefined || isBeyond(place, turn, row)) return { message: whyNot(place, said, row, turn) };
  if (turn.due > place.now) return waitFor(place, turn, failure?.message);
  const by = turn.runner === first ? {} : { runner: turn.runner };
  const at = { stage: stage.name, frame: frame.index, attempt: last.number };
  return limitStop(state, stage, place.now) ?? [perform({ kind: 'judge', ...at, ...by })];
}

/** The failures by a service's fault with which the attempts end; whatever was interrupted in between says nothing. */
function rowOf(since: readonly AttemptState[]): ServiceFailure[] {
  return trailing(
    since.filter((attempt) => !wasInterrupted(attempt)),
    ({ outcome }) => isServiceFailure(outcome),
  ).map((attempt) => serviceFailure(attempt, attempt.endedAt ?? attempt.startedAt));
}

function trailing<T>(list: readonly T[], isOne: (item: T) => boolean): readonly T[] {
  return list.slice(list.findLastIndex((item) => !isOne(item)) + 1);
}

function serviceFailure(
  { runner, outcome, retryAt }: Pick<AttemptState, 'runner' | 'outcome' | 'retryAt'>,
  at: string,
): ServiceFailure {
  const told = retryAt === undefined ? Number.NaN : Date.parse(retryAt);
  return { runner, outcome, at: Date.parse(at), ...(Number.isNaN(told) ? {} : { retryAt: told }) };
}

/** Longest wait in ms where nobody says another one. */
const QUOTA_WAIT_MS = 60 * 60_000;

function quotaWaitOf({ state, stage }: Place): number {
  const own = effectiveStageLimits(state, stage.name)?.quotaWaitMs;
  return own ?? effectiveLimits(state).quotaWaitMs ?? QUOTA_WAIT_MS;
}

/**
 * Whether a turn is later than the run may wait, from the first failure of the row on: a continued run has its time
 * anew. The short pauses of a service that cannot be reached are bounded by the stage's retries.
 */
function isBeyond(place: Place, { due, failure }: RunnerTurn, row: readonly ServiceFailure[]): boolean {
  if (failure === undefined || (failure.outcome === 'unavailable' && failure.retryAt === undefined))
    return false;
  const since = Math.max(row[0]?.at ?? due, Date.parse(place.state.segmentStartedAt));
  const longest = quotaWaitOf(place);
  return longest === 0 || due - since > longest;
}

/** The wait is recorded once, so that everybody sees it; the run's longest time ends it. */
function waitFor(
  place: Place,
  { runner, due, failure }: RunnerTurn,
  message: string | undefined,
): Decision[] {
  const { state, stage, frame, now } = place;
  const stop = limitStop(state, stage, now);
  if (stop !== undefined) return stop;
  const until = new Date(due).toISOString();
  if (frame.waiting?.until === until && frame.waiting.runner === runner)
    return [{ do: 'wait', until: Math.min(due, deadlineOf(state, stage, now) ?? due) }];
  const about = message === undefined ? {} : { message };
  const at = { stage: stage.name, frame: frame.index };
  return [
    {
      do: 'record',
      event: { type: 'attempt.waiting', ...at, runner, outcome: failure?.outcome ?? '', until, ...about },
    },
  ];
}

function who(
  { runner }: RunnerTurn,
  runners: readonly string[],
  row: readonly ServiceFailure[],
): Pick<AttemptInput, 'runner' | 'runnerReason'> {
  const [first = ''] = runners;
  if (runner === first) return {};
  const failure = row.findLast((one) => one.runner === first);
  return failure === undefined
    ? { runner }
    : { runner, runnerReason: `${first} ${REASONS[failure.outcome] ?? 'failed'}` };
}

const REASONS: Readonly<Record<string, string>> = {
  quota: 'has no quota left',
  billing: 'has to be paid for',
  overloaded: 'is overloaded',
  unavailable: 'cannot be reached',
};

/** What went wrong, when the services answer again as far as they said so, and what to do. */
function whyNot(
  place: Place,
  said: string,
  row: readonly ServiceFailure[],
  turn: RunnerTurn | undefined,
): string {
  const named = [...new Map(row.map((failure) => [failure.runner, failure])).values()];
  const again = named.flatMap(({ runner, retryAt }) =>
    retryAt === undefined ? [] : [`${runner} answers again at ${new Date(retryAt).toISOString()}`],
  );
  const limit = `quota_wait is ${inWords(quotaWaitOf(place))}`;
  if (turn !== undefined) {
    const then = again.length > 0 ? 'resume the run then' : 'resume the run later';
    return `${said}; ${[...again, limit].join(', ')}: ${then}, or with --limit quota_wait=<longer>`;
  }
  const isUnpaid = named.some(({ outcome }) => outcome === 'billing');
  if (isUnpaid) return `${said}; it works again once it is paid for: see to the account, then resume the run`;
  return [said, ...again].join('; ');
}

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** As it is written in a pipeline: `90s`, `2h`. */
function inWords(ms: number): string {
  const [unit, size] = UNITS.find(([, of]) => ms > 0 && ms % of === 0) ?? ['s', 1_000];
  return `${ms / size}${unit}`;
}
