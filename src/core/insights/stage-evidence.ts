import { isRecordedEntry } from '../history/recorded-entry.ts';
import { OTHERS, placeIn } from './bounded-map.ts';
import { failureKindOf } from './failure-kind.ts';
import { addRun, type GroundTally, groundOf, newGround } from './ground.ts';
import type { StageEvidence } from './propose.ts';
import { type RunView, viewRun } from './run-view.ts';
import { createSeries, type Series, spreadOf } from './series.ts';
import type { TaskOfRun } from './task-of-run.ts';

/**
 * Collects how each model did at each stage. A case is an execution that came to a judgement with runner and model
 * recorded: it held its contract, or failed by the work itself. Failures of the world around it, a person's decisions
 * and pauses say nothing about a model. Every case counts for all work, and once more for its ambiguity where there is a
 * task of the run.
 */
export function createStageEvidence(taskOf: TaskOfRun): {
  add(run: RunView): void;
  result(): readonly StageEvidence[];
} {
  const tallies = new Map<string, Tally>();
  return {
    add(run) {
      const ambiguity = taskOf(run)?.ambiguity;
      const isBlameless = run.status === 'failed' && failureKindOf(run.reasonCode) !== 'work';
      for (const { isOwn, name, status, runner, model, costMicroUsd, durationMs } of run.stages) {
        if (!isOwn || runner === undefined || model === undefined || !isModelName(model)) continue;
        if (status === undefined || status === 'paused' || (status === 'failed' && isBlameless)) continue;
        const about = { stage: name, runner, model };
        const places = [about, ...(ambiguity === undefined ? [] : [{ ...about, ambiguity }])];
        for (const place of places) {
          const tally = placeIn(tallies, JSON.stringify(place), () => newTally(place));
          tally.of += 1;
          if (status === 'success') tally.successes += 1;
          tally.cost.add(costMicroUsd);
          tally.time.add(durationMs);
          addRun(tally.ground, run.runId);
        }
      }
    },
    result: () =>
      [...tallies].flatMap(([key, { about, successes, of, cost, time, ground }]) => {
        // Of different models: evidence of none.
        if (key === OTHERS) return [];
        const { median: medianCost } = spreadOf(cost);
        const { median: medianTime } = spreadOf(time);
        return [
          {
            ...about,
            successes,
            of,
            priced: cost.count,
            ...(medianCost === undefined ? {} : { medianCostMicroUsd: medianCost }),
            timed: time.count,
            ...(medianTime === undefined ? {} : { medianMs: medianTime }),
            runIds: groundOf(ground).runIds,
          },
        ];
      }),
  };
}

/** The evidence of a whole history; elements that are no entries are passed over. */
export function stageEvidenceFrom(entries: Iterable<unknown>, taskOf: TaskOfRun): readonly StageEvidence[] {
  const evidence = createStageEvidence(taskOf);
  for (const element of entries) {
    const run = isRecordedEntry(element) ? viewRun(element) : undefined;
    if (run !== undefined) evidence.add(run);
  }
  return evidence.result();
}

/** What a proposal names is handed to a runner as an argument: no option, and nothing that a terminal obeys. */
function isModelName(model: string): boolean {
  return /^[^\s-][^\p{Cc}]{0,199}$/u.test(model);
}

interface Tally {
  readonly about: Pick<StageEvidence, 'stage' | 'runner' | 'model' | 'ambiguity'>;
  successes: number;
  of: number;
  readonly cost: Series;
  readonly time: Series;
  readonly ground: GroundTally;
}

function newTally(about: Tally['about']): Tally {
  return { about, successes: 0, of: 0, cost: createSeries(), time: createSeries(), ground: newGround() };
}
