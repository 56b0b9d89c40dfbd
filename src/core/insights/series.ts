/** A value and how often it was seen. */
export type Point = readonly [value: number, count: number];

/** Figures that come one by one: exact while they are few, in bounded memory when they are many. */
export interface Series {
  readonly count: number;
  readonly total: number;
  /** Ignores what is not a finite number of at least 0. */
  add(value: number | undefined): void;
  /** Values in ascending order. */
  points(): readonly Point[];
}

/** Median and 90th percentile of a series; both absent where it is empty. */
export interface Spread {
  readonly count: number;
  readonly median?: number;
  readonly p90?: number;
}

/** Up to so many values are kept as they are; more are kept in steps of 1%, which is 2,100 steps from 1 ms to 11 days. */
const EXACT = 2048;
const STEP = Math.log(1.01);

export function createSeries(): Series {
  let exact: number[] | undefined = [];
  const steps = new Map<number, number>();
  let count = 0;
  let total = 0;
  return {
    get count() {
      return count;
    },
    get total() {
      return total;
    },
    add(value) {
      if (value === undefined || !Number.isFinite(value) || value < 0) return;
      count += 1;
      total += value;
      if (exact === undefined) increase(steps, stepOf(value));
      else exact.push(value);
      if (exact === undefined || exact.length <= EXACT) return;
      for (const one of exact) increase(steps, stepOf(one));
      exact = undefined;
    },
    points() {
      if (exact !== undefined) return exact.toSorted((a, b) => a - b).map((value) => [value, 1]);
      return [...steps]
        .sort(([a], [b]) => a - b)
        .map(([step, times]) => [step === ZERO ? 0 : Math.exp(step * STEP), times]);
    },
  };
}

export function spreadOf(series: Series): Spread {
  if (series.count === 0) return { count: 0 };
  const points = series.points();
  return { count: series.count, median: quantileOf(points, 0.5), p90: quantileOf(points, 0.9) };
}

/** By linear interpolation between the two nearest ranks, as spreadsheets do; 0 where there are no points. */
export function quantileOf(points: readonly Point[], share: number): number {
  const count = points.reduce((sum, [, times]) => sum + times, 0);
  const rank = (count - 1) * share;
  const below = valueAt(points, Math.floor(rank));
  const above = valueAt(points, Math.ceil(rank));
  return below + (above - below) * (rank - Math.floor(rank));
}

/**
 * Median and median absolute deviation of the logarithms: times and costs are skewed, and one value that is far off
 * moves neither. Values below 1 (a millisecond, a millionth of a dollar) count as 1.
 */
export function logSpreadOf(points: readonly Point[]): { readonly median: number; readonly mad: number } {
  const logs = points.map(([value, times]): Point => [Math.log(Math.max(1, value)), times]);
  const median = quantileOf(logs, 0.5);
  const deviations = logs
    .map(([value, times]): Point => [Math.abs(value - median), times])
    .sort(([a], [b]) => a - b);
  return { median, mad: quantileOf(deviations, 0.5) };
}

const ZERO = Number.NEGATIVE_INFINITY;

function stepOf(value: number): number {
  return value === 0 ? ZERO : Math.round(Math.log(value) / STEP);
}

function increase(steps: Map<number, number>, step: number): void {
  steps.set(step, (steps.get(step) ?? 0) + 1);
}

function valueAt(points: readonly Point[], rank: number): number {
  let seen = 0;
  for (const [value, times] of points) {
    seen += times;
    if (seen > rank) return value;
  }
  return points.at(-1)?.[0] ?? 0;
}
