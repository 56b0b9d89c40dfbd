import { stagePosition } from '../history/stage-order.ts';
import { placeIn } from './bounded-map.ts';
import { createExtremes, type Extremes } from './extremes.ts';
import { addRun, type Ground, type GroundTally, groundOf, NAMED_RUNS, newGround } from './ground.ts';
import type { RunView } from './run-view.ts';
import { createSeries, type Series, spreadOf } from './series.ts';

/** Time, attempts and cost of one stage, and what share of all of it that is. */
export interface Bottleneck extends Ground {
  readonly stage: string;
  /** Executions with a recorded duration; the durations are theirs. In ms. */
  readonly timed: number;
  readonly totalMs: number;
  /** Of the time of all stages, 0..1. */
  readonly timeShare: number;
  readonly medianMs?: number;
  readonly p90Ms?: number;
  /** Executions that needed more than one attempt, some of their runs, and those whose attempts were recorded. */
  readonly retried: number;
  readonly retriedRunIds: readonly string[];
  readonly counted: number;
  /** Executions with a known cost; absent sums are unknown. Micro-USD. */
  readonly priced: number;
  readonly costMicroUsd?: number;
  readonly medianCostMicroUsd?: number;
  /** Of the known cost of all stages, 0..1; absent where none is known. */
  readonly costShare?: number;
}

/** What is kept of one stage while runs go by. */
interface StageTally {
  readonly time: Series;
  readonly cost: Series;
  readonly slow: Extremes;
  readonly again: GroundTally;
  runs: number;
  counted: number;
}

/** Collects the figures of each stage. */
export function createStageFigures(): {
  add(run: RunView): void;
  bottlenecks(): readonly Bottleneck[];
} {
  const tallies = new Map<string, StageTally>();
  return {
    add(run) {
      for (const stage of run.stages) {
        if (!stage.isOwn) continue;
        const tally = placeIn(tallies, stage.name, newTally);
        tally.runs += 1;
        tally.time.add(stage.durationMs);
        tally.cost.add(stage.costMicroUsd);
        if (stage.attempts !== undefined) {
          tally.counted += 1;
          if (stage.attempts > 1) addRun(tally.again, run.runId);
        }
        // Of a stage that was paused, the time is only a part.
        if (stage.status !== 'paused') tally.slow.add(stage.durationMs, run);
      }
    },
    bottlenecks() {
      const totals = [...tallies.values()];
      const allMs = totals.reduce((sum, { time }) => sum + time.total, 0);
      const allCost = totals.reduce((sum, { cost }) => sum + cost.total, 0);
      return [...tallies]
        .map(([stage, tally]) => bottleneck(stage, tally, allMs, allCost))
        .sort((a, b) => b.totalMs - a.totalMs || stagePosition(a.stage) - stagePosition(b.stage));
    },
  };
}

function newTally(): StageTally {
  return {
    time: createSeries(),
    cost: createSeries(),
    slow: createExtremes(),
    again: newGround(),
    runs: 0,
    counted: 0,
  };
}

function bottleneck(stage: string, tally: StageTally, allMs: number, allCost: number): Bottleneck {
  const time = spreadOf(tally.time);
  const cost = spreadOf(tally.cost);
  return {
    stage,
    timed: tally.time.count,
    totalMs: tally.time.total,
    timeShare: allMs === 0 ? 0 : tally.time.total / allMs,
    ...(time.median === undefined ? {} : { medianMs: Math.round(time.median) }),
    ...(time.p90 === undefined ? {} : { p90Ms: Math.round(time.p90) }),
    retried: tally.again.runs,
    retriedRunIds: groundOf(tally.again).runIds,
    counted: tally.counted,
    priced: tally.cost.count,
    ...(tally.cost.count === 0 ? {} : { costMicroUsd: tally.cost.total }),
    ...(cost.median === undefined ? {} : { medianCostMicroUsd: Math.round(cost.median) }),
    ...(allCost === 0 || tally.cost.count === 0 ? {} : { costShare: tally.cost.total / allCost }),
    runs: tally.runs,
    runIds: tally.slow
      .largest()
      .flatMap(({ runId }) => runId ?? [])
      .slice(0, NAMED_RUNS),
  };
}
