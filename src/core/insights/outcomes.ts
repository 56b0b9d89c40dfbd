import { type Rate, rateOf } from './rate.ts';
import type { RunView } from './run-view.ts';

/** How the runs ended. */
export interface Outcomes {
  readonly runs: number;
  readonly success: number;
  readonly failed: number;
  /** Not at an end, so neither a success nor a failure. */
  readonly paused: number;
  /** Of those that ended. */
  readonly successRate: Rate;
  /** Start of the oldest and of the newest run, ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  /** Runs that told what all their stages cost; of the others the cost is unknown, not 0. */
  readonly runsWithCost: number;
  readonly costMicroUsd?: number;
}

export function createOutcomes(): { add(run: RunView): void; result(): Outcomes } {
  const counts = { success: 0, failed: 0, paused: 0 };
  let runsWithCost = 0;
  let costMicroUsd = 0;
  let from: string | undefined;
  let to: string | undefined;
  return {
    add(run) {
      counts[run.status] += 1;
      if (run.costMicroUsd !== undefined) {
        runsWithCost += 1;
        costMicroUsd += run.costMicroUsd;
      }
      if (run.startedAt === undefined || run.startMs === undefined) return;
      if (from === undefined || run.startedAt < from) from = run.startedAt;
      if (to === undefined || run.startedAt > to) to = run.startedAt;
    },
    result: () => ({
      runs: counts.success + counts.failed + counts.paused,
      ...counts,
      successRate: rateOf(counts.success, counts.success + counts.failed),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      runsWithCost,
      ...(runsWithCost === 0 ? {} : { costMicroUsd }),
    }),
  };
}
