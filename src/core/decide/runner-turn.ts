/** A failure of an agent for which its service is to blame. */
export interface ServiceFailure {
  readonly runner: string;
  /** See core/run/service-outcome.ts. */
  readonly outcome: string;
  /** When it failed, in ms since the epoch. */
  readonly at: number;
  /** When the service said that it would answer again, in ms since the epoch. */
  readonly retryAt?: number;
}

/** When a runner may be tried again. */
export interface RunnerTurn {
  readonly runner: string;
  /** In ms since the epoch; of one that has not failed, before all time. */
  readonly due: number;
  /** For what it has to wait; absent for one that has not failed. */
  readonly failure?: ServiceFailure;
}

/** First and longest pause before a service is asked again that names no time, in ms. */
const PAUSES: Readonly<Record<string, { readonly firstMs: number; readonly longestMs: number }>> = {
  quota: { firstMs: 30_000, longestMs: 10 * 60_000 },
  overloaded: { firstMs: 10_000, longestMs: 5 * 60_000 },
};

/**
 * Whose turn is next, of runners that failed in a row by their services' fault: the one that is due first, of several
 * the one that is named first. Undefined when none comes back by itself. A time that a service names is kept; of one
 * that named a time and failed again, no earlier than after the pause that it would have had.
 *
 * @param row failures that follow each other, oldest first
 * @param retryPauseMs pause before a runner whose service could not be reached is tried again; undefined: not again
 */
export function nextTurn(
  runners: readonly string[],
  row: readonly ServiceFailure[],
  retryPauseMs: (runner: string) => number | undefined,
): RunnerTurn | undefined {
  let next: RunnerTurn | undefined;
  for (const runner of new Set(runners)) {
    const turn = turnOf(runner, row, retryPauseMs);
    if (turn !== undefined && (next === undefined || turn.due < next.due)) next = turn;
  }
  return next;
}

function turnOf(
  runner: string,
  row: readonly ServiceFailure[],
  retryPauseMs: (runner: string) => number | undefined,
): RunnerTurn | undefined {
  const own = row.filter((failure) => failure.runner === runner);
  const failure = own.at(-1);
  if (failure === undefined) return { runner, due: Number.NEGATIVE_INFINITY };
  const { outcome, at, retryAt } = failure;
  const alike = own.filter((one) => one.outcome === outcome).length;
  const pauseMs = outcome === 'unavailable' ? retryPauseMs(runner) : pauseAfter(outcome, alike);
  if (pauseMs === undefined) return undefined;
  if (retryAt === undefined) return { runner, due: at + pauseMs, failure };
  return { runner, due: Math.max(retryAt, alike === 1 ? at : at + pauseMs / 2), failure };
}

/** Undefined for what does not pass with time. */
function pauseAfter(outcome: string, nth: number): number | undefined {
  const pause = PAUSES[outcome];
  return pause === undefined ? undefined : Math.min(pause.firstMs * 2 ** (nth - 1), pause.longestMs);
}
