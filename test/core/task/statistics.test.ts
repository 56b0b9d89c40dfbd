import { describe, expect, it } from 'vitest';
import type { ExecutionAttempt } from '../../../src/core/task/execution.ts';
import { proportion } from '../../../src/core/task/proportion.ts';
import { attemptFigures, taskStatistics } from '../../../src/core/task/statistics.ts';

const attempt = (
  from: string,
  to: string,
  seconds: number,
  rest: Partial<ExecutionAttempt> = {},
): ExecutionAttempt => ({
  started_at: `2025-11-02T${from}Z`,
  ended_at: `2025-11-02T${to}Z`,
  duration_seconds: seconds,
  status: 'completed',
  executor: { tool: 'claude-code', model: 'sonnet' },
  ...rest,
});

/** Seed 003, execution metadata schema. */
const SEED = [
  attempt('15:03:00.000', '15:05:00.000', 120, { status: 'failed' }),
  attempt('15:06:25.000', '15:08:00.000', 95, { status: 'failed' }),
  attempt('15:10:00.000', '15:12:45.000', 165),
];

describe('the figures of a task', () => {
  it('hold the arithmetic of the seed: 380 s, 585 s, 205 s, 2', () => {
    expect(attemptFigures(SEED)).toEqual({
      attempts: 3,
      retries: 2,
      executionSeconds: 380,
      wallClockSeconds: 585,
      idleSeconds: 205,
      overlapSeconds: 0,
    });
  });

  it('go by time and not by place in the file', () => {
    expect(attemptFigures(SEED.toReversed())).toEqual(attemptFigures(SEED));
    const [one, two, three] = SEED;
    if (!one || !two || !three) throw new Error('three attempts');
    expect(attemptFigures([two, three, one])).toEqual(attemptFigures(SEED));
  });

  it('explain a negative idle time by what overlaps', () => {
    const both = [attempt('10:00:00', '10:10:00', 600), attempt('10:05:00', '10:10:00', 300)];
    expect(attemptFigures(both)).toMatchObject({
      wallClockSeconds: 600,
      idleSeconds: -300,
      overlapSeconds: 300,
    });
  });

  it('count what lies within another attempt as overlap, and not the gaps', () => {
    const attempts = [
      attempt('10:00:00', '11:00:00', 3600),
      attempt('10:10:00', '10:20:00', 600),
      attempt('10:50:00', '11:10:00', 1200),
      attempt('12:00:00', '12:01:00', 60),
    ];
    expect(attemptFigures(attempts)).toMatchObject({
      wallClockSeconds: 7260,
      executionSeconds: 5460,
      idleSeconds: 1800,
      overlapSeconds: 1200,
    });
  });

  it('compare times across offsets', () => {
    const other = { ...attempt('09:00:00', '09:00:00', 60), started_at: '2025-11-02T16:00:00+01:00' };
    const attempts = [{ ...other, ended_at: '2025-11-02T16:01:00+01:00' }, ...SEED];
    expect(attemptFigures(attempts)).toMatchObject({ wallClockSeconds: 765, executionSeconds: 440 });
  });

  it('are none without attempts', () => {
    expect(attemptFigures([])).toBeUndefined();
  });
});

describe('the statistics of tasks', () => {
  const task = (id: string, ambiguity: 'low' | 'high', attempts: ExecutionAttempt[]) => ({
    id,
    size: 'medium' as const,
    ambiguity,
    execution: { attempts },
  });
  const other = { executor: { tool: 'codex' } };
  const tasks = [
    task('a', 'low', SEED.toReversed()),
    task('b', 'low', [attempt('10:00:00', '10:01:00', 60)]),
    task('c', 'high', [
      attempt('10:00:00', '10:01:00', 60, { status: 'abandoned', ...other }),
      attempt('10:02:00', '10:03:00', 60),
    ]),
    { id: 'd', size: 'xl' as const, ambiguity: 'high' as const },
  ];
  const statistics = taskStatistics(tasks);
  const rate = ({ successes, count }: { successes: number; count: number }) => `${successes}/${count}`;

  it('count tasks, attempts, outcomes and times', () => {
    expect(statistics).toMatchObject({
      tasks: 4,
      tasksWithAttempts: 3,
      totals: { attempts: 6, retries: 3, executionSeconds: 560, wallClockSeconds: 825, idleSeconds: 265 },
      outcomes: { completed: 3, failed: 2, abandoned: 1 },
    });
  });

  it('rate attempts, tasks by their latest attempt, and first tries by time', () => {
    const { perAttempt, perTask, atFirstTry } = statistics.success;
    expect([perAttempt, perTask, atFirstTry].map(rate)).toEqual(['3/6', '3/3', '1/3']);
  });

  it('group by tool and model; an attempt without a model counts as unknown', () => {
    expect(statistics.byTool.map(({ name, attempts }) => [name, attempts])).toEqual([
      ['claude-code', 5],
      ['codex', 1],
    ]);
    expect(statistics.byModel.map(({ name, attempts }) => [name, attempts])).toEqual([
      ['sonnet', 5],
      ['unknown', 1],
    ]);
    // The second attempt at c was no first try of anything.
    expect(rate(statistics.byTool[0]?.atFirstTry ?? { successes: -1, count: -1 })).toBe('1/2');
  });

  it('give model × ambiguity → success rate with counts', () => {
    const table = statistics.modelByAmbiguity.map(({ model, ambiguity, perAttempt }) => [
      model,
      ambiguity,
      rate(perAttempt),
    ]);
    expect(table).toEqual([
      ['sonnet', 'low', '2/4'],
      ['sonnet', 'high', '1/1'],
      ['unknown', 'high', '0/1'],
    ]);
  });
});

describe('a proportion', () => {
  it('has the interval of Wilson at 95 %, within 0 and 1', () => {
    const { interval } = proportion(8, 10);
    expect(interval?.low).toBeCloseTo(0.4902, 4);
    expect(interval?.high).toBeCloseTo(0.9433, 4);
    expect(proportion(0, 3).interval?.low).toBe(0);
    expect(proportion(3, 3).interval?.high).toBe(1);
    expect(proportion(3, 3).interval?.low).toBeGreaterThan(0);
  });

  it('says nothing below five cases', () => {
    expect(proportion(4, 4).isEnough).toBe(false);
    expect(proportion(4, 5).isEnough).toBe(true);
    expect(proportion(0, 0)).toMatchObject({ rate: null, interval: null, isEnough: false });
  });
});
