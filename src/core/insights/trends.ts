import { addRun, type Ground, type GroundTally, groundOf, newGround } from './ground.ts';
import { MINIMUMS } from './minimums.ts';
import { type Rate, rateOf } from './rate.ts';
import type { RunView } from './run-view.ts';
import { createSeries, logSpreadOf, type Series, type Spread, spreadOf } from './series.ts';
import { differenceInterval } from './wilson.ts';

/** What a comparison of two times came to. `same`: no difference that chance could not make. */
export type Change = 'better' | 'worse' | 'same' | 'not-enough-data';

/** A rate in the window against before. */
export interface RateTrend {
  readonly measure: 'success-rate' | 'retry-rate';
  readonly window: Rate;
  readonly before: Rate;
  readonly change: Change;
}

/** A figure of a run in the window against before; ms or micro-USD. */
export interface FigureTrend {
  readonly measure: 'duration' | 'cost';
  readonly window: Spread;
  readonly before: Spread;
  /** Median of the window / median before; absent where either is missing or 0. */
  readonly ratio?: number;
  readonly change: Change;
}

export interface Trends {
  /** Beginning of the window, ISO 8601; absent where no run has a readable start. */
  readonly windowFrom?: string;
  readonly window: Ground;
  readonly before: Ground;
  readonly rates: readonly RateTrend[];
  readonly figures: readonly FigureTrend[];
}

/** Compares runs that started at or after `fromMs` with those before it. */
export function createTrends(fromMs: number | undefined): { add(run: RunView): void; result(): Trends } {
  const window = newSide();
  const before = newSide();
  return {
    add(run) {
      if (run.startMs === undefined || fromMs === undefined) return;
      addTo(run.startMs >= fromMs ? window : before, run);
    },
    result: () => ({
      ...(fromMs === undefined ? {} : { windowFrom: new Date(fromMs).toISOString() }),
      window: groundOf(window.ground),
      before: groundOf(before.ground),
      rates: [
        rateTrend('success-rate', window.success, before.success, true),
        rateTrend('retry-rate', window.retried, before.retried, false),
      ],
      figures: [
        figureTrend('duration', window.duration, before.duration),
        figureTrend('cost', window.cost, before.cost),
      ],
    }),
  };
}

interface Count {
  successes: number;
  of: number;
}

interface Side {
  readonly ground: GroundTally;
  /** Runs that succeeded, of those that ended. */
  readonly success: Count;
  /** Executions of stages that needed more than one attempt. */
  readonly retried: Count;
  /** Of runs that succeeded: a failed one may have ended early. */
  readonly duration: Series;
  readonly cost: Series;
}

function newSide(): Side {
  return {
    ground: newGround(),
    success: { successes: 0, of: 0 },
    retried: { successes: 0, of: 0 },
    duration: createSeries(),
    cost: createSeries(),
  };
}

function addTo(side: Side, run: RunView): void {
  addRun(side.ground, run.runId);
  if (run.status !== 'paused') count(side.success, run.status === 'success');
  for (const { isOwn, attempts } of run.stages)
    if (isOwn && attempts !== undefined) count(side.retried, attempts > 1);
  // A run that goes on has only a part of its work in its own entry.
  if (run.status !== 'success' || run.previousRunId !== undefined) return;
  side.duration.add(run.durationMs);
  side.cost.add(run.costMicroUsd);
}

function count(tally: Count, isSuccess: boolean): void {
  tally.of += 1;
  if (isSuccess) tally.successes += 1;
}

/** Clear where the 95% interval of the difference leaves out 0. */
function rateTrend(
  measure: RateTrend['measure'],
  window: Count,
  before: Count,
  isMoreBetter: boolean,
): RateTrend {
  const { low, high } = differenceInterval(window, before);
  const few = Math.min(window.of, before.of) < MINIMUMS.comparison;
  const direction = low > 0 ? 1 : high < 0 ? -1 : 0;
  return {
    measure,
    window: rateOf(window.successes, window.of),
    before: rateOf(before.successes, before.of),
    change: few ? 'not-enough-data' : changeOf(isMoreBetter ? direction : -direction),
  };
}

/** Standard error of a median of n values with the deviation s: 1.2533 s / √n; s is 1.4826 MAD. */
const ERROR_OF_MEDIAN = 1.2533 * 1.4826;
const Z = 1.96;
/** Less than a tenth is no news, however sure. */
const LEAST = Math.log(1.1);

/** Clear where the 95% interval of the ratio of the medians leaves out 1, and it is at least 10%. */
function figureTrend(measure: FigureTrend['measure'], window: Series, before: Series): FigureTrend {
  const spreads = { window: spreadOf(window), before: spreadOf(before) };
  const { median: now = 0 } = spreads.window;
  const { median: then = 0 } = spreads.before;
  const ratio = now > 0 && then > 0 ? { ratio: now / then } : {};
  if (Math.min(window.count, before.count) < MINIMUMS.comparison)
    return { measure, ...spreads, ...ratio, change: 'not-enough-data' };
  const [a, b] = [window, before].map((series) => ({
    ...logSpreadOf(series.points()),
    count: series.count,
  }));
  if (a === undefined || b === undefined) throw new Error('a side of the trend is missing');
  const error = Math.hypot(
    (ERROR_OF_MEDIAN * a.mad) / Math.sqrt(a.count),
    (ERROR_OF_MEDIAN * b.mad) / Math.sqrt(b.count),
  );
  const difference = a.median - b.median;
  const isClear = Math.abs(difference) >= Math.max(LEAST, Z * error);
  return { measure, ...spreads, ...ratio, change: changeOf(isClear ? -Math.sign(difference) : 0) };
}

function changeOf(direction: number): Change {
  if (direction === 0) return 'same';
  return direction > 0 ? 'better' : 'worse';
}
