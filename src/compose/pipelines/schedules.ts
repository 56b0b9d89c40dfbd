import type { Pipeline, Schedule } from '../../core/pipeline/definition.ts';

/** A schedule with the times at which it comes next. */
export interface UpcomingTimes {
  readonly schedule: Schedule;
  /** ISO 8601, UTC. */
  readonly next: readonly string[];
}

const SHOWN_TIMES = 3;

/** The next times of every schedule after `now` (ms). What computes them is loaded only where there is one. */
export async function upcomingTimes(pipeline: Pipeline, now: number): Promise<readonly UpcomingTimes[]> {
  const schedules = (pipeline.triggers ?? []).flatMap(({ schedule }) => schedule ?? []);
  if (schedules.length === 0) return [];
  const { nextTimes } = await import('../../core/schedule/times.ts');
  return schedules.map((schedule) => ({ schedule, next: nextTimes(schedule, now, SHOWN_TIMES) }));
}
