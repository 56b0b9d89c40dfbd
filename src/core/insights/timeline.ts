import type { RunView } from './run-view.ts';
import { createSeries, spreadOf } from './series.ts';

/** One stretch of time; all are of the same length. */
export interface TimelineStep {
  /** Beginning, ISO 8601. */
  readonly from: string;
  readonly success: number;
  readonly failed: number;
  readonly paused: number;
  /** Of the runs that succeeded, in ms. */
  readonly medianMs?: number;
}

const STEPS = 12;

/** Twelve stretches from the oldest run to the newest, for a chart. Empty where no run has a readable start. */
export function createTimeline(
  fromMs: number | undefined,
  toMs: number | undefined,
): { add(run: RunView): void; result(): readonly TimelineStep[] } {
  if (fromMs === undefined || toMs === undefined) return { add: () => {}, result: () => [] };
  const step = Math.max(1, Math.ceil((toMs - fromMs + 1) / STEPS));
  const steps = Array.from({ length: STEPS }, () => ({
    success: 0,
    failed: 0,
    paused: 0,
    duration: createSeries(),
  }));
  return {
    add(run) {
      if (run.startMs === undefined) return;
      // Entries stand in the order of their ends: the oldest start may be a little before that of the first.
      const at = Math.min(STEPS - 1, Math.max(0, Math.floor((run.startMs - fromMs) / step)));
      const place = steps[at];
      if (place === undefined) return;
      place[run.status] += 1;
      if (run.status === 'success') place.duration.add(run.durationMs);
    },
    result: () =>
      steps.map(({ duration, ...counts }, index) => {
        const { median } = spreadOf(duration);
        return {
          from: new Date(fromMs + index * step).toISOString(),
          ...counts,
          ...(median === undefined ? {} : { medianMs: Math.round(median) }),
        };
      }),
  };
}
