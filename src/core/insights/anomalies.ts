import { OTHERS, placeIn } from './bounded-map.ts';
import { createExtremes, type Execution, type Extremes } from './extremes.ts';
import { MINIMUMS } from './minimums.ts';
import type { RunView } from './run-view.ts';
import { createSeries, logSpreadOf, type Series } from './series.ts';

/** An execution of a stage that is far from what is usual there. */
export interface Anomaly {
  readonly stage: string;
  /** Absent where none was recorded: it is held against others of which none is known. */
  readonly model?: string;
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
 * Executions whose logarithm is more than 3.5 scaled deviations from the median of their stage with their model, and
 * which took at least twice, or at most half, of it. Median and MAD, because a mean is moved by the very values that are
 * sought; by model, because a dear model is not unusual for costing more. What was paused is left out: its time and cost
 * are only a part.
 */
export function createAnomalies(): { add(run: RunView): void; result(): Anomalies } {
  const tallies = new Map<string, Tally>();
  return {
    add(run) {
      for (const { name, isOwn, status, model, durationMs, costMicroUsd } of run.stages) {
        if (!isOwn || status === 'paused') continue;
        const about = { stage: name, ...(model === undefined ? {} : { model }) };
        const tally = placeIn(tallies, JSON.stringify(about), () => newTally(about));
        for (const [measure, value] of [
          [tally.duration, durationMs],
          [tally.cost, costMicroUsd],
        ] as const) {
          measure.series.add(value);
          measure.extremes.add(value, run);
        }
      }
    },
    result() {
      const all = [...tallies].flatMap(([key, { about, duration, cost }]) =>
        // Of different stages and models nothing is usual.
        key === OTHERS ? [] : [inMeasure(about, 'duration', duration), inMeasure(about, 'cost', cost)],
      );
      return {
        found: all.reduce((sum, { found }) => sum + found, 0),
        listed: all
          .flatMap(({ listed }) => listed)
          .sort((a, b) => farness(b) - farness(a))
          .slice(0, LISTED),
      };
    },
  };
}

type About = Pick<Anomaly, 'stage' | 'model'>;

interface Measure {
  readonly series: Series;
  readonly extremes: Extremes;
}

interface Tally {
  readonly about: About;
  readonly duration: Measure;
  readonly cost: Measure;
}

function newTally(about: About): Tally {
  const measure = (): Measure => ({ series: createSeries(), extremes: createExtremes() });
  return { about, duration: measure(), cost: measure() };
}

function farness({ factor }: Anomaly): number {
  return Math.abs(Math.log(Math.max(factor, Number.MIN_VALUE)));
}

function inMeasure(about: About, measure: Anomaly['measure'], { series, extremes }: Measure): Anomalies {
  if (series.count < MINIMUMS.anomaly) return { found: 0, listed: [] };
  const points = series.points();
  const { median, mad } = logSpreadOf(points);
  const limit = Math.max(LEAST, (FAR * mad) / NORMAL);
  const isFar = (value: number): boolean => Math.abs(Math.log(Math.max(1, value)) - median) >= limit;
  const usual = Math.exp(median);
  // Of few executions the largest and the smallest are the same ones.
  const listed = [
    ...extremes.largest().filter(({ value }) => value > usual),
    ...extremes.smallest().filter(({ value }) => value < usual),
  ]
    .filter(({ value }) => isFar(value))
    .map(
      ({ value, ...execution }: Execution): Anomaly => ({
        ...about,
        measure,
        value,
        median: Math.round(usual),
        factor: value / usual,
        ...execution,
        runs: series.count,
      }),
    );
  const counted = points.reduce((sum, [value, times]) => sum + (isFar(value) ? times : 0), 0);
  return { found: Math.max(counted, listed.length), listed };
}
