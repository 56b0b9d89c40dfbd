import { describe, expect, it } from 'vitest';
import { type InsightsInput, insightsOf } from '../../../src/core/insights/insights.ts';
import { readTaskRows } from '../../../src/core/insights/task-rows.ts';
import { insightsContract } from '../../../src/interfaces/contract/insights.ts';
import { DAY_MS, entryOf, failedEntry, runIdOf } from '../../rig/insights-runs.ts';

const ms = (iso: unknown): number => Date.parse(String(iso));

/** Entries are given oldest first, as a file has them. */
function insightsFrom(oldestFirst: readonly unknown[], more: Partial<InsightsInput> = {}) {
  const entries = oldestFirst.toReversed();
  const times = oldestFirst.flatMap((entry) =>
    typeof entry === 'object' && entry !== null && 'startedAt' in entry ? ms(entry.startedAt) : [],
  );
  const insights = insightsOf({
    entries,
    oldestMs: times[0],
    newestMs: times.at(-1),
    tasks: [],
    pipelineRuns: [],
    features: [],
    minRating: 3,
    ...more,
  });
  // Whatever is found is within the contract and survives JSON: no NaN, no undefined.
  const document = { schemaVersion: 1, ...insights };
  expect(JSON.parse(JSON.stringify(document))).toEqual(insightsContract.parse(document));
  return insights;
}

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('insights over nothing', () => {
  it('are empty, and nothing is concluded', () => {
    expect(insightsFrom([])).toMatchObject({
      outcomes: { runs: 0, successRate: { of: 0, enough: false }, runsWithCost: 0 },
      bottlenecks: [],
      failures: [],
      anomalies: { found: 0, listed: [] },
      calibration: [],
      proposals: [],
      recommendations: [],
    });
    expect(insightsFrom([]).outcomes).not.toHaveProperty('costMicroUsd');
  });

  it('pass over what is no entry, whatever it is, and count it', () => {
    const hostile = [
      null,
      3,
      'text',
      [],
      {},
      { slug: '', status: 'success' },
      { slug: 'x', status: 'unheard-of' },
      { slug: 7, status: 'failed' },
    ];
    const odd = entryOf(
      1,
      {},
      { stages: { alex: null, cass: 'x', nigel: { durationMs: -5, cost: 'free', attempts: {} } } },
    );
    const times = entryOf(
      2,
      {},
      { startedAt: 'soon', completedAt: 12, totalDurationMs: Number.NaN, previousRunId: 9 },
    );
    const insights = insightsFrom([...hostile, odd, times, entryOf(3)]);
    expect(insights.passedOver).toBe(hostile.length);
    expect(insights.outcomes.runs).toBe(3);
    expect(insights.bottlenecks).toMatchObject([{ stage: 'nigel', timed: 0, priced: 0, runs: 1 }]);
    expect(insights.bottlenecks[0]).not.toHaveProperty('costMicroUsd');
  });

  it('stay bounded however many names there are', () => {
    const entries = range(700).map((number) =>
      failedEntry(number, `stage-${number}`, `CODE_${number}`, {
        [`stage-${number}`]: { durationMs: 1, model: `model-${number}`, runner: 'claude' },
      }),
    );
    const { bottlenecks, work, proposals } = insightsFrom(entries);
    expect(bottlenecks).toHaveLength(501);
    expect(work.byModel.find(({ name }) => name === '(others)')?.runs).toBe(200);
    expect(proposals.every(({ choice }) => choice === undefined)).toBe(true);
  });
});

describe('outcomes', () => {
  it('take a paused run for neither success nor failure, and an unknown cost for unknown', () => {
    const { outcomes } = insightsFrom([
      ...range(4).map((number) => entryOf(number, { alex: { cost: 0.5 } })),
      failedEntry(4, 'alex', 'STAGE_TIMEOUT', { alex: { cost: 0.25 } }),
      ...range(3, 5).map((number) => entryOf(number, {}, { status: 'paused', reasonCode: 'QUALITY_GATE' })),
      entryOf(8, { alex: { cost: 1 }, cass: {} }),
    ]);
    expect(outcomes).toMatchObject({
      runs: 9,
      success: 5,
      failed: 1,
      paused: 3,
      successRate: { successes: 5, of: 6 },
      runsWithCost: 5,
      costMicroUsd: 2_250_000,
    });
  });

  it('keep to the runs since a time and of some features', () => {
    const entries = range(10).map((number) => entryOf(number));
    expect(insightsFrom(entries, { sinceMs: ms('2026-01-08T00:00:00Z') }).outcomes.runs).toBe(3);
    expect(insightsFrom(entries, { features: ['feature-2', 'feature-7'] }).outcomes).toMatchObject({
      runs: 2,
      from: '2026-01-03T00:00:00.000Z',
      to: '2026-01-08T00:00:00.000Z',
    });
  });
});

describe('bottlenecks', () => {
  it('give each stage its share of the time, median, slowest tenth, and the slowest runs by name', () => {
    const entries = range(10).map((number) =>
      entryOf(number, {
        alex: { durationMs: 1000, attempts: 1 },
        'codey-implement': { durationMs: (number + 1) * 1000, attempts: number < 4 ? 2 : 1, cost: 0.1 },
      }),
    );
    expect(insightsFrom(entries).bottlenecks).toMatchObject([
      {
        stage: 'codey-implement',
        totalMs: 55_000,
        timeShare: 55 / 65,
        medianMs: 5500,
        p90Ms: 9100,
        retried: 4,
        counted: 10,
        costMicroUsd: 1_000_000,
        costShare: 1,
        runs: 10,
        runIds: [9, 8, 7, 6, 5].map(runIdOf),
      },
      { stage: 'alex', timeShare: 10 / 65, retried: 0, priced: 0 },
    ]);
  });

  it('count what a continued run repeats only once', () => {
    const first = entryOf(0, { alex: { durationMs: 5000 } }, { status: 'paused' });
    const second = entryOf(
      1,
      { alex: { durationMs: 5000, startedAt: '2026-01-01T00:00:00.000Z' }, cass: { durationMs: 5000 } },
      { previousRunId: runIdOf(0) },
    );
    expect(insightsFrom([first, second]).bottlenecks).toMatchObject([
      { stage: 'alex', totalMs: 5000, runs: 1 },
      { stage: 'cass', totalMs: 5000, runs: 1 },
    ]);
  });

  it('join the two parts of nigel that 4.4 recorded', () => {
    const entry = entryOf(0, { 'nigel-spec': { durationMs: 1000 }, 'nigel-tests': { durationMs: 2000 } });
    expect(insightsFrom([entry]).bottlenecks).toMatchObject([{ stage: 'nigel', totalMs: 3000, timed: 1 }]);
  });
});

describe('failure patterns', () => {
  const entries = [
    ...range(4).map((number) => failedEntry(number, 'codey-implement', 'TESTS_FAILED')),
    failedEntry(4, 'alex', 'DEP_QUOTA'),
    failedEntry(5, 'cass', 'USER_CANCELLED'),
    entryOf(6, {}, { status: 'failed' }),
    entryOf(7, {}, { status: 'paused', reasonCode: 'QUALITY_GATE' }),
    entryOf(8, {}, { status: 'paused' }),
  ];

  it('are stages with reasons, by how often, with their runs, and who they failed by', () => {
    const { failures } = insightsFrom(entries);
    expect(failures).toHaveLength(4);
    expect(failures[0]).toEqual({
      stage: 'codey-implement',
      reasonCode: 'TESTS_FAILED',
      kind: 'work',
      share: 4 / 7,
      last: '2026-01-04T00:00:00.000Z',
      runs: 4,
      runIds: [3, 2, 1, 0].map(runIdOf),
    });
    expect(Object.fromEntries(failures.map(({ reasonCode = 'none', kind }) => [reasonCode, kind]))).toEqual({
      TESTS_FAILED: 'work',
      DEP_QUOTA: 'environment',
      USER_CANCELLED: 'person',
      none: 'work',
    });
  });

  it('leave out what only paused, which is listed by itself', () => {
    expect(insightsFrom(entries).stops).toEqual([
      { runs: 1, runIds: [runIdOf(8)] },
      { reasonCode: 'QUALITY_GATE', runs: 1, runIds: [runIdOf(7)] },
    ]);
  });

  it('of three runs and a fifth of all failures are worth a recommendation that names them', () => {
    const { recommendations } = insightsFrom(entries);
    expect(recommendations).toEqual([
      {
        kind: 'failure-pattern',
        stage: 'codey-implement',
        reasonCode: 'TESTS_FAILED',
        of: 7,
        runs: 4,
        runIds: [3, 2, 1, 0].map(runIdOf),
      },
    ]);
  });
});

describe('anomalies', () => {
  const usual = (count: number) =>
    range(count).map((number) => entryOf(number, { alex: { durationMs: 60_000 + (number % 5) * 3000 } }));

  it('are executions far from the median of their stage, in either direction', () => {
    const { anomalies } = insightsFrom([
      ...usual(20),
      entryOf(20, { alex: { durationMs: 900_000 } }),
      entryOf(21, { alex: { durationMs: 500 } }),
      entryOf(22, { alex: { durationMs: 80_000 } }),
    ]);
    expect(anomalies.found).toBe(2);
    expect(anomalies.listed).toMatchObject([
      { stage: 'alex', measure: 'duration', value: 500, slug: 'feature-21', runs: 23 },
      { value: 900_000, runId: runIdOf(20) },
    ]);
    expect(anomalies.listed[1]?.factor).toBeCloseTo(900 / 66, 1);
  });

  it('are not sought among fewer than eight executions, nor where times are alike but for less than twice', () => {
    expect(insightsFrom([...usual(6), entryOf(6, { alex: { durationMs: 9e6 } })]).anomalies.found).toBe(0);
    const alike = range(30).map((number) => entryOf(number, { alex: { durationMs: 60_000 } }));
    expect(insightsFrom([...alike, entryOf(30, { alex: { durationMs: 119_000 } })]).anomalies.found).toBe(0);
    expect(insightsFrom([...alike, entryOf(30, { alex: { durationMs: 121_000 } })]).anomalies.found).toBe(1);
  });

  it('are each told once, also among so few executions that the largest are the smallest as well', () => {
    const { anomalies } = insightsFrom([...usual(9), entryOf(9, { alex: { durationMs: 9_000_000 } })]);
    expect(anomalies).toMatchObject({ found: 1, listed: [{ value: 9_000_000, runs: 10 }] });
  });

  it('are held against executions with the same model: a dear model is not unusual for its price', () => {
    const two = range(40).map((number) =>
      entryOf(number, {
        alex: { model: number % 4 === 0 ? 'large' : 'small', cost: number % 4 === 0 ? 3 : 0.1 },
      }),
    );
    expect(insightsFrom(two).anomalies.found).toBe(0);
    const dear = entryOf(40, { alex: { model: 'small', cost: 3 } });
    expect(insightsFrom([...two, dear]).anomalies.listed).toMatchObject([
      { stage: 'alex', model: 'small', measure: 'cost', median: 100_000, value: 3_000_000, runs: 31 },
    ]);
  });

  it('are no executions that were paused, whose time is only a part', () => {
    const paused = entryOf(20, { alex: { durationMs: 10, status: 'paused' } }, { status: 'paused' });
    expect(insightsFrom([...usual(20), paused]).anomalies.listed).toEqual([]);
  });
});

describe('trends', () => {
  const month = (from: number, isGood: (number: number) => boolean, durationMs: number) =>
    range(30, from).map((number) =>
      isGood(number)
        ? entryOf(number, { alex: { attempts: 1 } }, { totalDurationMs: durationMs + (number % 7) * 1000 })
        : failedEntry(number, 'alex', 'STAGE_FAILED', { alex: { attempts: 1 } }),
    );

  it('compare the last thirty days with all before, and say what is clearly worse', () => {
    const { trends, recommendations } = insightsFrom([
      ...month(0, () => true, 600_000),
      ...month(31, (number) => number % 2 === 0, 900_000),
    ]);
    expect(trends).toMatchObject({
      windowFrom: '2026-01-31T00:00:00.000Z',
      window: { runs: 30 },
      before: { runs: 30 },
    });
    expect(trends.rates).toMatchObject([
      {
        measure: 'success-rate',
        window: { successes: 15, of: 30 },
        before: { successes: 30 },
        change: 'worse',
      },
      { measure: 'retry-rate', change: 'same' },
    ]);
    expect(trends.figures).toMatchObject([
      { measure: 'duration', change: 'worse' },
      { measure: 'cost', window: { count: 0 }, change: 'not-enough-data' },
    ]);
    expect(recommendations).toMatchObject([
      { kind: 'failure-pattern' },
      { kind: 'got-worse', measure: 'success-rate', runs: 30 },
      { kind: 'got-worse', measure: 'duration' },
    ]);
  });

  it('take --since as the window, whose runs alone make up everything else', () => {
    const entries = [...month(0, () => true, 600_000), ...month(30, () => true, 300_000)];
    const { trends, outcomes } = insightsFrom(entries, { sinceMs: ms(entries[50]?.startedAt) });
    expect([trends.window.runs, trends.before.runs, outcomes.runs]).toEqual([10, 50, 10]);
    expect(trends.figures[0]).toMatchObject({ change: 'better' });
    expect(trends.rates[0]).toMatchObject({ change: 'same' });
  });

  it('conclude nothing from four runs', () => {
    const entries = [
      ...range(20).map((number) => entryOf(number)),
      ...range(4, 60).map((n) => failedEntry(n, 'alex', 'X')),
    ];
    expect(insightsFrom(entries).trends.rates[0]?.change).toBe('not-enough-data');
  });
});

describe('the timeline', () => {
  it('has twelve stretches that hold every run with a readable start', () => {
    const { timeline } = insightsFrom([
      ...range(24).map((number) => entryOf(number)),
      failedEntry(24, 'alex', 'X'),
    ]);
    expect(timeline).toHaveLength(12);
    expect(timeline.reduce((sum, { success, failed }) => sum + success + failed, 0)).toBe(25);
    expect(timeline.at(-1)?.failed).toBe(1);
  });
});

describe('the calibration of ratings', () => {
  const rated = (number: number, rating: number, isSuccess: boolean) =>
    isSuccess
      ? entryOf(number, { alex: { rating } })
      : failedEntry(number, 'codey-implement', 'TESTS_FAILED', { alex: { rating } });

  it('says when low ratings foretell failure, when they mislead, and when they say little', () => {
    const low = (isSuccess: boolean) => range(10).map((number) => rated(number, 2, isSuccess));
    const high = (isSuccess: boolean) => range(10, 10).map((number) => rated(number, 4, isSuccess));
    const verdict = (entries: readonly unknown[]) => insightsFrom(entries).calibration[0]?.verdict;
    expect(verdict([...low(false), ...high(true)])).toBe('foretells');
    expect(verdict([...low(true), ...high(false)])).toBe('misleads');
    expect(verdict([...low(true), ...high(true)])).toBe('no-clear-link');
    expect(verdict([...low(false).slice(0, 4), ...high(true)])).toBe('not-enough-data');
  });

  it('counts the outcome of the last entry of a continued run, and none of one that is still paused', () => {
    const entries = [
      rated(0, 4, false),
      { ...rated(1, 4, true), previousRunId: runIdOf(0) },
      { ...rated(2, 4, true), status: 'paused' },
    ];
    expect(insightsFrom(entries).calibration).toMatchObject([
      { stage: 'alex', high: { successes: 1, of: 1 }, low: { of: 0 }, runs: 1, runIds: [runIdOf(1)] },
    ]);
  });

  it('goes by the gate that is configured, and passes over ratings that are none', () => {
    const entries = [
      rated(0, 4, true),
      rated(1, 9, true),
      entryOf(2, {}, { stages: { alex: { feedback: 'good' } } }),
    ];
    expect(insightsFrom(entries, { minRating: 5 }).calibration).toMatchObject([
      { low: { of: 1 }, high: { of: 0 } },
    ]);
    expect(insightsFrom(entries).calibration[0]?.byRating.map(({ outcome }) => outcome.of)).toEqual([
      0, 0, 0, 1, 0,
    ]);
  });
});

describe('evidence of models', () => {
  const implemented = (number: number, model: string, status = 'success') =>
    status === 'success'
      ? entryOf(number, { 'codey-implement': { runner: 'claude', model, durationMs: 1000, cost: 0.2 } })
      : failedEntry(number, 'codey-implement', status, {
          'codey-implement': { runner: 'claude', model, durationMs: 1000 },
        });

  it('leaves out failures that no model is to blame for, pauses, and runs without a model', () => {
    const { proposals } = insightsFrom([
      ...range(8).map((number) => implemented(number, 'large')),
      ...['DEP_QUOTA', 'SYS_OWNER_LOST', 'USER_CANCELLED'].map((code, index) =>
        implemented(8 + index, 'large', code),
      ),
      implemented(11, 'large', 'TESTS_FAILED'),
      entryOf(12, { 'codey-implement': { runner: 'offline' } }),
      entryOf(13, { 'codey-implement': { model: 'large' } }),
    ]);
    expect(proposals).toMatchObject([
      {
        stage: 'codey-implement',
        choice: { model: 'large', successes: 8, of: 9, medianCostMicroUsd: 200_000 },
      },
    ]);
  });

  it('keeps models apart however long the command line of their runner is', () => {
    const runner = `command:node ${'very/long/'.repeat(40)}agent.mjs`;
    const { proposals } = insightsFrom(
      range(20).map((number) =>
        entryOf(number, { alex: { runner, model: number % 2 === 0 ? 'one' : 'other' } }),
      ),
    );
    expect(proposals[0]?.candidates.map(({ model, of }) => [model, of])).toEqual([
      ['one', 10],
      ['other', 10],
    ]);
  });

  it.each(['--dangerous', '-x', ' lead', 'two\nlines', 'esc\u001b[31m', 'm'.repeat(201)])(
    'never proposes what is no name of a model: %j',
    (model) => {
      const entries = range(20).map((number) => entryOf(number, { alex: { runner: 'claude', model } }));
      expect(insightsFrom(entries).proposals).toEqual([]);
    },
  );

  it('gives a proposal of its own to an ambiguity with enough cases', () => {
    const tasks = readTaskRows([{ id: 'feature-0', ambiguity: 'high' }]).tasks;
    const entries = range(8).map((number) => ({ ...implemented(number, 'large'), slug: 'feature-0' }));
    const { proposals } = insightsFrom(entries, { tasks });
    expect(proposals.map(({ ambiguity }) => ambiguity)).toEqual([undefined, 'high']);
  });

  it('recommends another model than the usual one where it is better', () => {
    const { recommendations } = insightsFrom([
      ...range(30).map((number) =>
        implemented(number, 'usual', number % 3 === 0 ? 'TESTS_FAILED' : 'success'),
      ),
      ...range(20, 30).map((number) => implemented(number, 'better')),
    ]);
    expect(recommendations.filter(({ kind }) => kind === 'use-model')).toMatchObject([
      { stage: 'codey-implement', model: 'better', runs: 20 },
    ]);
  });
});

describe('success by model and ambiguity', () => {
  const attempt = (day: number, status: string, model?: string) => ({
    started_at: new Date(ms('2026-01-01T00:00:00Z') + day * DAY_MS + 500).toISOString(),
    ended_at: new Date(ms('2026-01-01T00:10:00Z') + day * DAY_MS).toISOString(),
    duration_seconds: 600,
    status,
    executor: { tool: 'claude', ...(model === undefined ? {} : { model }) },
  });
  const task = (id: string, ambiguity: string | undefined, ...attempts: object[]) => ({
    id,
    ...(ambiguity === undefined ? {} : { ambiguity }),
    execution: { attempts },
  });

  it('counts attempts of tasks; what was abandoned is evidence of neither', () => {
    const { tasks } = readTaskRows([
      task('a', 'high', attempt(0, 'failed', 'large'), attempt(1, 'completed', 'large')),
      task('b', 'high', attempt(2, 'abandoned', 'large'), attempt(3, 'completed', 'large')),
      task('c', undefined, attempt(4, 'completed', 'large')),
      { id: 'd', state: 'ready' },
    ]);
    const { work } = insightsFrom([], { tasks });
    expect(work.byModelAndAmbiguity).toMatchObject([
      { model: 'large', ambiguity: 'low', success: { successes: 1, of: 1 } },
      {
        model: 'large',
        ambiguity: 'high',
        success: { successes: 2, of: 3 },
        abandoned: 1,
        taskIds: ['b', 'a'],
      },
    ]);
    expect(work.byModel).toMatchObject([
      { name: 'large', medianMs: 600_000, success: { successes: 3, of: 4 } },
    ]);
    expect(work.byModel[0]).not.toHaveProperty('medianCostMicroUsd');
    expect(work.tasks).toMatchObject({
      tasks: 4,
      attempts: 5,
      perAttempt: { successes: 3, of: 4 },
      perTask: { successes: 3, of: 3 },
      firstTry: { successes: 2, of: 3 },
    });
  });

  it('counts a run that is an attempt of its task once, and takes its cost', () => {
    const stages = { 'codey-implement': { model: 'large', runner: 'claude', cost: 1.5 } };
    const { tasks } = readTaskRows([task('feature-0', 'medium', attempt(0, 'completed', 'large'))]);
    const { work } = insightsFrom([entryOf(0, stages), entryOf(1, stages)], { tasks });
    expect(work.byModelAndAmbiguity).toMatchObject([
      { ambiguity: 'medium', success: { of: 1 }, medianCostMicroUsd: 1_500_000, runIds: [runIdOf(0)] },
      { ambiguity: 'unknown', success: { of: 1 }, runIds: [runIdOf(1)] },
    ]);
  });

  it('finds the task of a run by the run that an attempt notes, also where it is called otherwise', () => {
    const stages = { 'codey-implement': { model: 'large', runner: 'claude', cost: 1.5 } };
    // Begun at another time than the run says: the id alone connects them.
    const noted = { ...attempt(5, 'completed', 'large'), notes: `murmur8 run ${runIdOf(0)}` };
    const { tasks } = readTaskRows([task('other-name', 'high', noted)]);
    const { work } = insightsFrom([entryOf(0, stages), entryOf(1, stages)], { tasks });
    expect(work.byModelAndAmbiguity).toMatchObject([
      { ambiguity: 'high', success: { of: 1 }, medianCostMicroUsd: 1_500_000, runIds: [runIdOf(0)] },
      { ambiguity: 'unknown', success: { of: 1 }, runIds: [runIdOf(1)] },
    ]);
    const runs = range(8).map((number) => entryOf(number, stages));
    const attempts = runs.map(({ runId }) => ({ ...noted, notes: `murmur8 run ${String(runId)}` }));
    const rows = readTaskRows([task('other-name', 'high', ...attempts)]).tasks;
    expect(insightsFrom(runs, { tasks: rows }).proposals.map(({ ambiguity }) => ambiguity)).toEqual([
      undefined,
      'high',
    ]);
  });

  it('sums times as the seed does: 380 s of execution in 585 s of wall clock, 205 s idle, 2 retries', () => {
    const one = (from: string, to: string, seconds: number, status: string) => ({
      started_at: `2025-11-02T15:${from}.000Z`,
      ended_at: `2025-11-02T15:${to}.000Z`,
      duration_seconds: seconds,
      status,
      executor: { tool: 'claude-code' },
    });
    const attempts = [
      one('10:00', '12:45', 165, 'completed'),
      one('03:00', '05:00', 120, 'failed'),
      one('06:25', '08:00', 95, 'failed'),
    ];
    const { tasks } = readTaskRows([task('a', 'low', ...attempts), task('b', 'low', attempts[1] ?? {})]);
    const { totals, perAttempt, perTask, firstTry } = insightsFrom([], { tasks: tasks.slice(0, 1) }).work
      .tasks;
    expect(totals).toEqual({
      attempts: 3,
      retries: 2,
      executionSeconds: 380,
      wallClockSeconds: 585,
      idleSeconds: 205,
      overlapSeconds: 0,
    });
    expect([perAttempt, perTask, firstTry].map(({ successes, of }) => `${successes}/${of}`)).toEqual([
      '1/3',
      '1/1',
      '0/1',
    ]);
    expect(insightsFrom([], { tasks }).work.tasks.totals).toMatchObject({
      attempts: 4,
      executionSeconds: 500,
    });
  });

  it('takes a time without an offset as UTC, as tasks have it', () => {
    const local = { ...attempt(0, 'completed', 'large'), started_at: '2026-01-01T00:00:00' };
    const { tasks } = readTaskRows([task('a', 'low', local)]);
    expect(tasks[0]?.attempts[0]?.startMs).toBe(ms('2026-01-01T00:00:00Z'));
  });

  it('reads tasks without trusting them', () => {
    const { tasks, passedOver } = readTaskRows([
      null,
      { title: 'no id' },
      {
        id: 'x',
        execution: { attempts: [null, { status: 'won' }, { ...attempt(0, 'failed'), duration_seconds: -1 }] },
      },
      { id: 'y', execution: 'none' },
    ]);
    expect(passedOver).toBe(5);
    expect(tasks).toMatchObject([{ id: 'x', attempts: [] }, { id: 'y' }]);
  });
});

describe('pipelines', () => {
  it('are counted each by itself, with the reasons that they fail by', () => {
    const row = (number: number, status: string) => ({
      run_id: runIdOf(number),
      pipeline: 'deploy',
      status,
      reason_code: status === 'failed' ? 'STAGE_FAILED' : 'ALL_STAGES_SUCCEEDED',
      started_at: '2026-01-01T00:00:00.000Z',
      completed_at: '2026-01-01T00:01:00.000Z',
    });
    const rows = [
      row(0, 'succeeded'),
      row(1, 'succeeded'),
      row(2, 'failed'),
      row(3, 'paused'),
      row(4, 'cancelled'),
    ];
    expect(insightsFrom([], { pipelineRuns: rows }).pipelines).toMatchObject([
      {
        pipeline: 'deploy',
        success: { successes: 2, of: 3 },
        paused: 1,
        cancelled: 1,
        medianMs: 60_000,
        failures: [{ reasonCode: 'STAGE_FAILED', runs: 1, runIds: [runIdOf(2)] }],
        runs: 5,
      },
    ]);
  });
});
