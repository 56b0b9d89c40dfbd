import type { Execution } from './extremes.ts';
import { MINIMUMS } from './minimums.ts';
import { logSpreadOf, type Series } from './series.ts';
import type { StageTally } from './stage-figures.ts';

/** An execution of a stage that is far from what is usual there. */
export interface Anomaly {
  readonly stage: string;
  readonly measure: 'duration' | 'cost';
  /** Ms or micro-USD, as is the median it is held against. */
  readonly value: number;
  readonly median: number;
  /** value / median. */
  readonly factor: number;
  readonly slug: string;
  readonly runId?: string;
  readonly startedAt?: string;
  /** Executions that say what is usual. */
  readonly runs: number;
}

export interface Anomalies {
  /** Of which the farthest are listed. */
  readonly found: number;
  readonly listed: readonly Anomaly[];
}

const LISTED = 10;
/** Of the modified z-score of Iglewicz and Hoaglin: 0.6745 · |x − median| / MAD. */
const FAR = 3.5;
const NORMAL = 0.6745;
/** And never less than twice or more than half of the median: where all times are alike, a little more is no news. */
const LEAST = Math.log(2);

/**
 * Executions whose logarithm is more than 3.5 scaled deviations from the median of their stage, and which took at
 * least twice, or at most half, of it. Median and MAD, because a mean is moved by the very values that are sought.
 */
export function findAnomalies(tallies: ReadonlyMap<string, StageTally>): Anomalies {
  const all = [...tallies].flatMap(([stage, { time, cost, slow, dear }]) => [
    inSeries(stage, 'duration', time, slow),
    inSeries(stage, 'cost', cost, dear),
  ]);
  const farness = ({ factor }: Anomaly): number => Math.abs(Math.log(Math.max(factor, Number.MIN_VALUE)));
  return {
    found: all.reduce((sum, { found }) => sum + found, 0),
    listed: all
      .flatMap(({ listed }) => listed)
      .sort((a, b) => farness(b) - farness(a))
      .slice(0, LISTED),
  };
}

function inSeries(
  stage: string,
  measure: Anomaly['measure'],
  series: Series,
  extremes: StageTally['slow'],
): Anomalies {
  if (series.count < MINIMUMS.anomaly) return { found: 0, listed: [] };
  const points = series.points();
  const { median, mad } = logSpreadOf(points);
  const limit = Math.max(LEAST, (FAR * mad) / NORMAL);
  const isFar = (value: number): boolean => Math.abs(Math.log(Math.max(1, value)) - median) >= limit;
  const usual = Math.exp(median);
  const listed = [...extremes.largest(), ...extremes.smallest()]
    .filter(({ value }) => isFar(value))
    .map((execution) => anomaly(stage, measure, execution, usual, series.count));
  const counted = points.reduce((sum, [value, times]) => sum + (isFar(value) ? times : 0), 0);
  return { found: Math.max(counted, listed.length), listed };
}

function anomaly(
  stage: string,
  measure: Anomaly['measure'],
  { value, ...execution }: Execution,
  median: number,
  runs: number,
): Anomaly {
  return { stage, measure, value, median: Math.round(median), factor: value / median, ...execution, runs };
}
