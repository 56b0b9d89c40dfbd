import { describe, expect, it } from 'vitest';
import { attemptFigures } from '../../../../src/core/task/statistics.ts';
import { idleToShow } from '../../../../src/interfaces/cli/report/idle.ts';

const attempt = (started_at: string, ended_at: string, duration_seconds: number) => ({
  started_at,
  ended_at,
  duration_seconds,
  status: 'completed' as const,
  executor: { tool: 'claude' },
});

describe('idle time', () => {
  it('is none where a duration was rounded up past its wall clock', () => {
    const figures = attemptFigures([attempt('2026-11-21T10:00:00.000Z', '2026-11-21T10:00:03.977Z', 4)]);
    expect(figures?.idleSeconds).toBeLessThan(0);
    expect(figures && idleToShow(figures)).toBe(0);
  });

  it('is below zero where attempts ran at the same time, and else what it is', () => {
    const together = attemptFigures([
      attempt('2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z', 60),
      attempt('2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z', 60),
    ]);
    expect(together && idleToShow(together)).toBe(-60);
    const apart = attemptFigures([
      attempt('2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z', 60),
      attempt('2026-11-21T10:02:00Z', '2026-11-21T10:03:00Z', 60),
    ]);
    expect(apart && idleToShow(apart)).toBe(60);
  });
});
