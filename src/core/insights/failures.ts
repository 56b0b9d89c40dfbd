import { OTHERS, placeIn } from './bounded-map.ts';
import { type FailureKind, failureKindOf } from './failure-kind.ts';
import { addRun, type Ground, type GroundTally, groundOf, newGround } from './ground.ts';
import type { RunView } from './run-view.ts';

/** Runs that failed at the same stage for the same reason. */
export interface FailurePattern extends Ground {
  /** Absent for a failure outside of every stage. */
  readonly stage?: string;
  /** Absent in entries of before 5.0. */
  readonly reasonCode?: string;
  readonly kind: FailureKind;
  /** Of all failed runs, 0..1. */
  readonly share: number;
  /** Start of the newest such run. */
  readonly last?: string;
}

/** Runs that were stopped for the same reason and can go on. */
export interface StopPattern extends Ground {
  readonly reasonCode?: string;
}

/** Collects what runs failed by, and what others only stopped for: a paused run is no failure. */
export function createFailures(): {
  add(run: RunView): void;
  patterns(): readonly FailurePattern[];
  stops(): readonly StopPattern[];
} {
  const patterns = new Map<string, Pattern>();
  const stops = new Map<string, GroundTally & { readonly reasonCode?: string }>();
  let failed = 0;
  return {
    add(run) {
      const { status, reasonCode, failedStage } = run;
      if (status === 'paused') {
        const create = (key: string) => ({ ...newGround(), ...(key === '' ? {} : { reasonCode: key }) });
        addRun(placeIn(stops, reasonCode ?? '', create), run.runId);
      }
      if (status !== 'failed') return;
      failed += 1;
      const where = {
        ...(failedStage === undefined ? {} : { stage: failedStage }),
        ...(reasonCode === undefined ? {} : { reasonCode }),
      };
      const pattern = placeIn(patterns, JSON.stringify([failedStage, reasonCode]), (key) => ({
        ...newGround(),
        ...(key === OTHERS ? { stage: OTHERS } : where),
        ...(run.startMs === undefined || run.startedAt === undefined ? {} : { last: run.startedAt }),
      }));
      addRun(pattern, run.runId);
    },
    patterns: () =>
      [...patterns.values()].map((pattern) => withShare(pattern, failed)).sort((a, b) => b.runs - a.runs),
    stops: () =>
      [...stops.values()]
        .map(({ reasonCode, ...ground }) => ({
          ...(reasonCode === undefined ? {} : { reasonCode }),
          ...groundOf(ground),
        }))
        .sort((a, b) => b.runs - a.runs),
  };
}

interface Pattern extends GroundTally {
  readonly stage?: string;
  readonly reasonCode?: string;
  readonly last?: string;
}

function withShare(pattern: Pattern, failed: number): FailurePattern {
  const { runs, runIds, ...where } = pattern;
  return {
    ...where,
    kind: failureKindOf(pattern.reasonCode),
    share: runs / failed,
    ...groundOf({ runs, runIds }),
  };
}
