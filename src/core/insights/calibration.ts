import { stagePosition } from '../history/stage-order.ts';
import { placeIn } from './bounded-map.ts';
import { addRun, type Ground, type GroundTally, groundOf, newGround } from './ground.ts';
import { MINIMUMS } from './minimums.ts';
import { type Rate, rateOf } from './rate.ts';
import type { RunView } from './run-view.ts';
import { differenceInterval } from './wilson.ts';

/** Whether the ratings of a stage's work said how the run would end. */
export interface Calibration extends Ground {
  /** The stage that was rated, by the one after it. */
  readonly stage: string;
  /** Runs whose rating was below the gate, and those at or above it: how many succeeded in the end. */
  readonly low: Rate;
  readonly high: Rate;
  /** Per rating, rounded: 1 to 5. */
  readonly byRating: readonly { readonly rating: number; readonly outcome: Rate }[];
  readonly verdict: 'foretells' | 'misleads' | 'no-clear-link' | 'not-enough-data';
}

/**
 * Holds ratings against what became of their runs. Runs come newest first: of a run that was continued only the last
 * entry counts, which repeats the ratings of those before it. Paused runs have no outcome yet.
 */
export function createCalibration(minRating: number): {
  add(run: RunView): void;
  result(): readonly Calibration[];
} {
  const stages = new Map<string, Tally>();
  /** Ids of the runs that a later entry continues and that did not go by yet. */
  const continued = new Set<string>();
  return {
    add(run) {
      const isContinued = run.runId !== undefined && continued.delete(run.runId);
      if (run.previousRunId !== undefined && continued.size < MOST_OPEN) continued.add(run.previousRunId);
      if (isContinued || run.status === 'paused') return;
      const isSuccess = run.status === 'success';
      for (const { name, rating } of run.stages) {
        if (rating === undefined) continue;
        const tally = placeIn(stages, name, newTally);
        addRun(tally.ground, run.runId);
        count(rating < minRating ? tally.low : tally.high, isSuccess);
        const place = tally.byRating[Math.round(rating) - 1];
        if (place !== undefined) count(place, isSuccess);
      }
    },
    result: () =>
      [...stages]
        .sort(([a], [b]) => stagePosition(a) - stagePosition(b))
        .map(([stage, tally]) => ({
          stage,
          low: rated(tally.low),
          high: rated(tally.high),
          byRating: tally.byRating.map((place, index) => ({ rating: index + 1, outcome: rated(place) })),
          verdict: verdictOf(tally),
          ...groundOf(tally.ground),
        })),
  };
}

const MOST_OPEN = 10_000;

interface Count {
  successes: number;
  of: number;
}

interface Tally {
  readonly ground: GroundTally;
  readonly low: Count;
  readonly high: Count;
  readonly byRating: readonly Count[];
}

function newTally(): Tally {
  const none = (): Count => ({ successes: 0, of: 0 });
  return { ground: newGround(), low: none(), high: none(), byRating: Array.from({ length: 5 }, none) };
}

function count(tally: Count, isSuccess: boolean): void {
  tally.of += 1;
  if (isSuccess) tally.successes += 1;
}

function rated({ successes, of }: Count): Rate {
  return rateOf(successes, of);
}

/** Clear where the 95% interval of the difference of both success rates leaves out 0. */
function verdictOf({ low, high }: Tally): Calibration['verdict'] {
  if (Math.min(low.of, high.of) < MINIMUMS.comparison) return 'not-enough-data';
  const difference = differenceInterval(high, low);
  if (difference.low > 0) return 'foretells';
  return difference.high < 0 ? 'misleads' : 'no-clear-link';
}
