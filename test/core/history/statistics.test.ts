import { describe, expect, it } from 'vitest';
import { costsOf } from '../../../src/core/history/cost.ts';
import { microUsdOf, usdOf } from '../../../src/core/history/money.ts';
import { costOf, durationOf, isRecordedEntry, stagesOf } from '../../../src/core/history/recorded-entry.ts';
import { statisticsOf } from '../../../src/core/history/statistics.ts';

const stage = (startedAt: string, durationMs: number, more: object = {}) => ({
  startedAt,
  durationMs,
  ...more,
});

describe('statisticsOf', () => {
  it('has no rates and averages without runs, rather than zeros', () => {
    expect(statisticsOf([])).toEqual({ runs: 0, success: 0, failed: 0, paused: 0, other: 0, stages: [] });
  });

  it('counts outcomes, and takes the success rate of those that ended', () => {
    const entries = ['success', 'success', 'success', 'failed', 'paused', 'odd'].map((status) => ({
      slug: 'a',
      status,
    }));
    expect(statisticsOf(entries)).toMatchObject({
      runs: 6,
      success: 3,
      failed: 1,
      paused: 1,
      other: 1,
      successRate: 0.75,
    });
  });

  it('averages durations of successful runs and of every stage, in the order of the pipeline', () => {
    const statistics = statisticsOf([
      {
        slug: 'a',
        status: 'success',
        totalDurationMs: 100,
        stages: { nigel: stage('2026-01-01T00:00:01Z', 30), alex: stage('2026-01-01T00:00:00Z', 10) },
      },
      {
        slug: 'a',
        status: 'success',
        totalDurationMs: 300,
        stages: { alex: stage('2026-01-01T00:00:00Z', 20) },
      },
      { slug: 'a', status: 'failed', totalDurationMs: 9999, failedStage: 'nigel', stages: {} },
    ]);
    expect(statistics).toMatchObject({ averageMs: 200, shortestMs: 100, longestMs: 300 });
    expect(statistics.stages).toEqual([
      { name: 'alex', timed: 2, averageMs: 15, longestMs: 20, failures: 0 },
      { name: 'nigel', timed: 1, averageMs: 30, longestMs: 30, failures: 1 },
    ]);
  });

  it('names the stage that fails most, on a tie the earlier one, and counts the parts of nigel as nigel', () => {
    const failed = (failedStage: string) => ({ slug: 'a', status: 'failed', failedStage });
    const tie = [failed('codey-plan'), failed('nigel-spec'), failed('nigel-tests'), failed('codey-plan')];
    expect(statisticsOf(tie).mostCommonFailingStage).toEqual({ name: 'nigel', failures: 2 });
    expect(statisticsOf([...tie, failed('codey-plan')]).mostCommonFailingStage?.name).toBe('codey-plan');
  });

  it('counts a stage once although the continuation of its run repeats it', () => {
    const alex = stage('2026-01-01T00:00:00.000Z', 10, { cost: 0.5 });
    const entries = [
      { slug: 'a', status: 'paused', runId: '1', startedAt: '2026-01-01T00:00:00.000Z', stages: { alex } },
      {
        slug: 'a',
        status: 'success',
        runId: '2',
        previousRunId: '1',
        startedAt: '2026-01-02T00:00:00.000Z',
        stages: { alex, cass: stage('2026-01-02T00:00:01.000Z', 20, { cost: 0.25 }) },
        totalCost: 0.75,
      },
    ];
    expect(statisticsOf(entries).stages.map(({ name, timed }) => [name, timed])).toEqual([
      ['alex', 1],
      ['cass', 1],
    ]);
    expect(costsOf(entries).totalMicroUsd).toBe(750_000);
  });
});

describe('costsOf', () => {
  it('sums by stage and by model without drift, and keeps unknown apart from free', () => {
    const priced = {
      slug: 'a',
      status: 'success',
      runId: '1',
      stages: {
        alex: { cost: 0.1, model: 'small', tokens: { input: 1, output: 2 } },
        cass: { cost: 0.2, model: 'large' },
        nigel: {},
      },
    };
    const costs = costsOf([priced, priced, priced, { slug: 'b', status: 'success' }]);
    expect(costs).toMatchObject({
      runs: 4,
      runsWithCost: 3,
      totalMicroUsd: 900_000,
      averageMicroUsd: 300_000,
    });
    expect(costs.byStage).toEqual([
      { name: 'alex', microUsd: 300_000, count: 3, tokens: 9 },
      { name: 'cass', microUsd: 600_000, count: 3 },
    ]);
    expect(costs.byModel.map(({ name }) => name)).toEqual(['large', 'small']);
    expect(costs.dearest).toEqual({ slug: 'a', runId: '1', microUsd: 300_000 });
  });

  it('takes the total of an entry whose stages tell no cost', () => {
    expect(costsOf([{ slug: 'a', status: 'success', totalCost: 1.5 }])).toMatchObject({
      totalMicroUsd: 1_500_000,
      byModel: [{ name: 'unknown', microUsd: 1_500_000, count: 1 }],
    });
  });
});

describe('reading entries of other writers', () => {
  it('joins the parts of nigel that 4.4 and later record', () => {
    const [nigel, ...others] = stagesOf({
      slug: 'a',
      status: 'success',
      stages: {
        'nigel-spec': {
          startedAt: '2026-01-01T00:00:00Z',
          completedAt: '2026-01-01T00:00:02Z',
          durationMs: 2000,
          attempts: 1,
        },
        'nigel-tests': {
          startedAt: '2026-01-01T00:00:02Z',
          completedAt: '2026-01-01T00:00:05Z',
          durationMs: 3000,
          attempts: 2,
        },
      },
    });
    expect(others).toEqual([]);
    expect(nigel).toMatchObject({
      name: 'nigel',
      startedAt: '2026-01-01T00:00:00Z',
      completedAt: '2026-01-01T00:00:05Z',
      durationMs: 5000,
      attempts: 3,
    });
  });

  it('takes no value of a wrong type for a figure', () => {
    const odd = {
      slug: 'a',
      status: 'success',
      totalDurationMs: '5',
      totalCost: null,
      stages: { alex: null, cass: 7 },
    };
    expect([durationOf(odd), costOf(odd), stagesOf(odd)]).toEqual([undefined, undefined, []]);
    expect([{}, null, [], { slug: '', status: 'x' }, { slug: 'a' }].map(isRecordedEntry)).toEqual(
      Array(5).fill(false),
    );
  });
});

describe('money', () => {
  it('stands in an entry as the exact decimal and comes back whole', () => {
    for (const micro of [0, 1, 10, 123_456, 1_234_567, 99_999_999, 900_719_925_474]) {
      const written = JSON.stringify(usdOf(micro));
      expect(written).not.toContain('e');
      expect(
        BigInt(written.replace(/^(\d+)(?:\.(\d+))?$/, (_, whole, part = '') => whole + part.padEnd(6, '0'))),
      ).toBe(BigInt(micro));
      expect(microUsdOf(JSON.parse(written))).toBe(micro);
    }
  });
});
