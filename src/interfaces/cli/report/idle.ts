import type { AttemptFigures } from '../../../core/task/statistics.ts';

/**
 * Idle time as people read it, in seconds. Durations are recorded in whole seconds: where no attempts ran at the same
 * time, what is left below zero is only their rounding.
 */
export function idleToShow({
  idleSeconds,
  overlapSeconds,
}: Pick<AttemptFigures, 'idleSeconds' | 'overlapSeconds'>): number {
  return overlapSeconds > 0 ? idleSeconds : Math.max(0, idleSeconds);
}
