import type { RunView } from './run-view.ts';

/** One execution of a stage, by the run that it belongs to. */
export interface Execution {
  readonly value: number;
  readonly slug: string;
  readonly runId?: string;
  readonly startedAt?: string;
}

/** Keeps the largest and the smallest few of many executions. */
export interface Extremes {
  add(value: number | undefined, run: RunView): void;
  /** Largest first. */
  largest(): readonly Execution[];
  /** Smallest first. */
  smallest(): readonly Execution[];
}

const KEPT = 20;

export function createExtremes(): Extremes {
  const largest: Execution[] = [];
  const smallest: Execution[] = [];
  return {
    add(value, run) {
      if (value === undefined) return;
      place(largest, value, run, (kept) => kept.value < value);
      place(smallest, value, run, (kept) => kept.value > value);
    },
    largest: () => largest,
    smallest: () => smallest,
  };
}

function place(kept: Execution[], value: number, run: RunView, isBehind: (kept: Execution) => boolean): void {
  const last = kept.at(-1);
  if (kept.length === KEPT && last !== undefined && !isBehind(last)) return;
  const at = kept.findIndex(isBehind);
  kept.splice(at === -1 ? kept.length : at, 0, {
    value,
    slug: run.slug,
    ...(run.runId === undefined ? {} : { runId: run.runId }),
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
  });
  if (kept.length > KEPT) kept.pop();
}
