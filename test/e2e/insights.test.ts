import { readdirSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/interfaces/cli/report/table.ts';
import type { InsightsDocument } from '../../src/interfaces/contract/insights.ts';
import { murmur8 } from '../rig/cli.ts';
import {
  type AttemptItem,
  type InsightsProject,
  insightsProject,
  type TaskItem,
  taskList,
} from '../rig/insights-project.ts';
import {
  quantile,
  type RecordedRun,
  type RecordedStage,
  randomRuns,
  randomTasks,
  rate,
  wilson,
} from '../rig/insights-recount.ts';
import { entryOf, runIdOf } from '../rig/insights-runs.ts';
import { hasTerminals, openTerminal } from '../rig/terminal.ts';

const projects: InsightsProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(given: Parameters<typeof insightsProject>[0] = {}): InsightsProject {
  const project = insightsProject(given);
  projects.push(project);
  return project;
}

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

/** Figures to nine places, so that two ways to the same number are the same. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each) => (typeof each === 'number' ? Math.round(each * 1e9) / 1e9 : each)),
  );
}

const count = <T>(list: readonly T[], test: (one: T) => boolean): number => list.filter(test).length;

describe('insights over what is there', () => {
  test('nothing: says so, names the next step, makes no file, and is no failure', async () => {
    const project = aProject();
    const ended = await project.insights();
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('No runs to learn from yet.\nhint: ');
    expect(await project.document()).toMatchObject({
      outcomes: { runs: 0, successRate: { of: 0, enough: false } },
      work: { tasks: { tasks: 0, attempts: 0, totals: { executionSeconds: 0 } } },
      proposals: [],
      recommendations: [],
    });
    expect(readdirSync(project.root)).toEqual([]);
  });

  test('one entry: its figures, and nothing that one case cannot carry', async () => {
    const project = aProject({ entries: randomRuns(1, 3) });
    const document = await project.document();
    expect(document.outcomes).toMatchObject({ runs: 1, successRate: { of: 1, enough: false } });
    expect(document.recommendations).toEqual([]);
    expect(document.anomalies.found).toBe(0);
    expect(document.calibration.every(({ verdict }) => verdict === 'not-enough-data')).toBe(true);
    expect(document.trends.rates.every(({ change }) => change === 'not-enough-data')).toBe(true);
    expect(document.proposals.every(({ choice }) => choice === undefined)).toBe(true);
    const { stdout } = await project.insights();
    expect(stdout).toContain('1/1 that ended, not enough data');
    expect(stdout).toMatch(/codey-implement +not enough data +1 of 8/);
  });

  test('entries that are none, and a file that is damaged: told, counted, and no reason to say nothing', async () => {
    const entries = [
      ...range(6).map((number) => entryOf(number)),
      { note: 'by hand' },
      {},
      { slug: 'x', status: 'unheard-of' },
    ];
    const project = aProject({ entries });
    expect(await project.document()).toMatchObject({ passedOver: 3, outcomes: { runs: 6 } });
    expect((await project.insights()).stdout).toContain('3 entries of the file, passed over');
    const whole = JSON.stringify(range(6).map((number) => entryOf(number)));
    project.write('.claude/pipeline-history.json', whole.slice(0, -40));
    const { code, stderr, stdout } = await project.insights(['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcomes: { runs: 5 } });
    expect(stderr).toMatch(/pipeline-history\.json[\s\S]*hint: /);
    project.write('.claude/pipeline-history.json', JSON.stringify([...entries.slice(0, 6), 7, entryOf(6)]));
    const odd = await project.insights(['--json']);
    expect(JSON.parse(odd.stdout)).toMatchObject({ outcomes: { runs: 7 } });
    expect(odd.stderr).toMatch(/pipeline-history\.json/);
  });

  test('the runs of pipelines: each pipeline by itself, with what its runs fail by', async () => {
    const row = (number: number, status: string, reason: string) => ({
      v: 1,
      execution_id: `execution-${number}`,
      run_id: runIdOf(number),
      pipeline: 'deploy',
      pipeline_id: null,
      revision: null,
      status,
      reason_code: reason,
      message: null,
      trigger_event: 'manual',
      delivery_id: null,
      triggered_by: 'ada',
      started_at: '2026-01-01T10:00:00.000Z',
      completed_at: `2026-01-01T10:0${number % 5}:00.000Z`,
      with_warnings: false,
      audit_head: '',
    });
    const pipelineRuns = [
      ...range(7).map((number) => row(number, 'succeeded', 'ALL_STAGES_DONE')),
      ...range(3, 7).map((number) => row(number, 'failed', 'STAGE_TIMEOUT')),
      row(10, 'paused', 'APPROVAL_PENDING'),
      row(11, 'cancelled', 'USER_CANCELLED'),
    ];
    const project = aProject({ pipelineRuns, entries: [entryOf(0)] });
    const { pipelines, outcomes } = await project.document();
    expect(outcomes.runs).toBe(1);
    expect(rounded(pipelines)).toEqual([
      {
        pipeline: 'deploy',
        success: rounded(rate(7, 10)),
        paused: 1,
        cancelled: 1,
        medianMs: 60_000,
        p90Ms: Math.round(quantile([0, 1, 2, 3, 4, 0, 1], 0.9) * 60_000),
        failures: [{ reasonCode: 'STAGE_TIMEOUT', runs: 3, runIds: [9, 8, 7].map(runIdOf) }],
        runs: 12,
        runIds: [11, 10, 9, 8, 7].map(runIdOf),
      },
    ]);
    expect((await project.insights()).stdout).toMatch(/deploy +7\/10 +70% \(40 to 89\) +1m 00s/);
  });

  test('--since takes a date or a duration, and keeps to the runs and attempts that began then', async () => {
    const entries = randomRuns(60, 5);
    const tasks = randomTasks(60, 5);
    const project = aProject({ entries, tasks });
    const since = '2026-02-10';
    const document = await project.document(['--since', since]);
    const later = entries.filter(({ startedAt }) => startedAt >= since);
    expect(document.outcomes.runs).toBe(later.length);
    expect(document.trends.window.runs).toBe(later.length);
    expect(document.trends.before.runs).toBe(entries.length - later.length);
    expect(document.work.tasks.attempts).toBe(
      count(
        tasks.flatMap(({ attempts }) => attempts),
        ({ started_at }) => started_at >= since,
      ),
    );
    expect((await project.document(['--since', '1h'])).outcomes.runs).toBe(0);
    const bad = await project.insights(['--since', 'yesterday']);
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toMatch(/--since "yesterday" is neither a date nor a duration\nhint: /);
  });

  test('--feature keeps to these features, several of them with commas or one after the other', async () => {
    const project = aProject({ entries: randomRuns(30, 5) });
    expect((await project.document(['--feature', 'feature-3,feature-9', 'feature-20'])).outcomes.runs).toBe(
      3,
    );
  });
});

describe('each figure is what a count by hand gives', () => {
  const entries = randomRuns(90, 11);
  const ended = entries.filter(({ status }) => status !== 'paused');
  const executions = entries.flatMap((run) =>
    Object.entries(run.stages).map(([name, stage]): RecordedStage & { name: string; run: RecordedRun } => ({
      name,
      run,
      ...stage,
    })),
  );
  const at = (stage: string) => executions.filter(({ name }) => name === stage);
  let document: InsightsDocument;

  beforeAll(async () => {
    const project = insightsProject({ entries });
    document = await project.document();
    project.remove();
  });

  test('outcomes, and the success of the runs that ended', () => {
    expect(rounded(document.outcomes)).toEqual({
      runs: 90,
      success: count(entries, ({ status }) => status === 'success'),
      failed: count(entries, ({ status }) => status === 'failed'),
      paused: count(entries, ({ status }) => status === 'paused'),
      successRate: rounded(
        rate(
          count(ended, ({ status }) => status === 'success'),
          ended.length,
        ),
      ),
      from: entries[0]?.startedAt,
      to: entries.at(-1)?.startedAt,
      runsWithCost: 90,
      costMicroUsd: Math.round(executions.reduce((sum, { cost }) => sum + cost * 1e6, 0)),
    });
    const steps = document.timeline.reduce(
      (sum, { success, failed, paused }) => sum + success + failed + paused,
      0,
    );
    expect(steps).toBe(90);
  });

  test('bottlenecks: share of the time, median, slowest tenth, retries and cost of each stage', () => {
    const all = executions.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(document.bottlenecks).toHaveLength(5);
    for (const one of document.bottlenecks) {
      const own = at(one.stage);
      const times = own.map(({ durationMs }) => durationMs);
      const totalMs = times.reduce((sum, time) => sum + time, 0);
      expect(one).toMatchObject({
        timed: own.length,
        runs: own.length,
        totalMs,
        medianMs: Math.round(quantile(times, 0.5)),
        p90Ms: Math.round(quantile(times, 0.9)),
        retried: count(own, ({ attempts }) => attempts > 1),
        counted: own.length,
        costMicroUsd: Math.round(own.reduce((sum, { cost }) => sum + cost * 1e6, 0)),
      });
      expect(one.timeShare).toBeCloseTo(totalMs / all, 9);
      const slowest = own.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, 5);
      expect(one.runIds).toEqual(slowest.map(({ run }) => run.runId));
      const again = own.filter(({ attempts }) => attempts > 1).toReversed();
      expect(one.retriedRunIds).toEqual(again.slice(0, 5).map(({ run }) => run.runId));
    }
    const shares = document.bottlenecks.map(({ timeShare }) => timeShare);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  });

  test('failures: how many runs failed where and by what, the newest named, and what only paused beside them', () => {
    const failed = entries.filter(({ status }) => status === 'failed');
    expect(document.failures.length).toBeGreaterThan(3);
    for (const { stage, reasonCode, runs, runIds, share, last } of document.failures) {
      const own = failed
        .filter((run) => run.failedStage === stage && run.reasonCode === reasonCode)
        .toReversed();
      expect({ runs, runIds, last }).toEqual({
        runs: own.length,
        runIds: own.slice(0, 5).map(({ runId }) => runId),
        last: own[0]?.startedAt,
      });
      expect(share).toBeCloseTo(own.length / failed.length, 9);
    }
    expect(document.failures.reduce((sum, { runs }) => sum + runs, 0)).toBe(failed.length);
    const paused = entries.filter(({ status }) => status === 'paused').toReversed();
    expect(document.stops).toEqual([
      {
        reasonCode: 'QUALITY_GATE',
        runs: paused.length,
        runIds: paused.slice(0, 5).map(({ runId }) => runId),
      },
    ]);
  });

  test('trends: the last thirty days against all before', () => {
    const newest = Date.parse(entries.at(-1)?.startedAt ?? '');
    const isLate = ({ startedAt }: RecordedRun): boolean => Date.parse(startedAt) >= newest - 30 * 86_400_000;
    const sides = [entries.filter(isLate), entries.filter((run) => !isLate(run))].map((side) => {
      const over = side.filter(({ status }) => status !== 'paused');
      const tries = side.flatMap(({ stages }) => Object.values(stages));
      const done = side.filter(({ status }) => status === 'success');
      return {
        success: rate(
          count(over, ({ status }) => status === 'success'),
          over.length,
        ),
        retried: rate(
          count(tries, ({ attempts }) => attempts > 1),
          tries.length,
        ),
        duration: quantile(
          done.map(({ totalDurationMs }) => totalDurationMs),
          0.5,
        ),
      };
    });
    const [window, before] = sides;
    const [success, retried] = document.trends.rates;
    expect(rounded([success?.window, success?.before])).toEqual(rounded([window?.success, before?.success]));
    expect(rounded([retried?.window, retried?.before])).toEqual(rounded([window?.retried, before?.retried]));
    const [duration] = document.trends.figures;
    expect(duration?.window.median).toBeCloseTo(window?.duration ?? Number.NaN, 6);
    expect(duration?.before.median).toBeCloseTo(before?.duration ?? Number.NaN, 6);
    expect(duration?.ratio).toBeCloseTo((window?.duration ?? 0) / (before?.duration ?? 0), 9);
  });

  test('feedback calibration: what became of runs after ratings below the gate and above it', () => {
    expect(document.calibration.map(({ stage }) => stage)).toContain('alex');
    for (const { stage, low, high, byRating, runs } of document.calibration) {
      const rated = at(stage).filter(({ run }) => run.status !== 'paused');
      const outcome = (isAsked: (rating: number) => boolean) => {
        const asked = rated.filter(({ feedback }) => feedback !== undefined && isAsked(feedback.rating));
        return rounded(
          rate(
            count(asked, ({ run }) => run.status === 'success'),
            asked.length,
          ),
        );
      };
      expect(runs).toBe(rated.length);
      expect(rounded(low)).toEqual(outcome((rating) => rating < 3));
      expect(rounded(high)).toEqual(outcome((rating) => rating >= 3));
      for (const one of byRating)
        expect(rounded(one.outcome)).toEqual(outcome((rating) => rating === one.rating));
    }
  });

  test('proposals: per stage the model with the best lower bound, or one as sure and cheaper, with its runs', () => {
    expect(document.proposals.length).toBeGreaterThanOrEqual(5);
    for (const { stage, candidates, choice } of document.proposals) {
      const known = ['large', 'small'].map((model) => {
        // Every failure here is the work's own; the run paused behind its last stage says nothing against it.
        const own = at(stage).filter((one) => one.model === model);
        const successes = count(own, ({ status }) => status === 'success');
        const costs = own.map(({ cost }) => cost * 1e6);
        return {
          model,
          counted: {
            successes,
            of: own.length,
            medianCostMicroUsd: Math.round(quantile(costs, 0.5)),
            runIds: own
              .toReversed()
              .slice(0, 5)
              .map(({ run }) => run.runId),
          },
          interval: rounded(wilson(successes, own.length)),
        };
      });
      for (const candidate of candidates) {
        const { low, high, ...counted } = candidate;
        const own = known.find(({ model }) => model === candidate.model);
        expect(counted).toMatchObject(own?.counted ?? {});
        expect(rounded({ low, high })).toEqual(own?.interval);
      }
      const lows = candidates.map(({ low }) => low);
      expect(choice?.low).toBeGreaterThanOrEqual(Math.max(...lows) - 0.05);
    }
    const implement = document.proposals.find(({ stage }) => stage === 'codey-implement');
    expect(implement).toMatchObject({ choice: { model: 'large' }, reason: 'surest' });
  });

  test('every recommendation names runs of this history', () => {
    const known = new Set(entries.map(({ runId }) => runId));
    expect(document.recommendations.length).toBeGreaterThan(1);
    for (const { runIds, runs } of document.recommendations) {
      expect(runIds).toHaveLength(Math.min(5, runs));
      expect(runIds.every((id) => known.has(id))).toBe(true);
    }
  });
});

describe('success of tasks', () => {
  const tasks = randomTasks(80, 23);
  const attempts = tasks.flatMap((task) => task.attempts.map((attempt) => ({ ...attempt, task })));
  type Counted = AttemptItem & { readonly task: TaskItem };

  /** Completed, of completed and failed: what was abandoned is evidence of neither. */
  function success(list: readonly Counted[]): unknown {
    const judged = list.filter(({ status }) => status !== 'abandoned');
    return rounded(
      rate(
        count(judged, ({ status }) => status === 'completed'),
        judged.length,
      ),
    );
  }

  test('per attempt, per task and at first try, by tool, model, size, and model × ambiguity', async () => {
    const { work } = await aProject({ tasks }).document();
    const judged = tasks
      .map((task) =>
        task.attempts
          .filter(({ status }) => status !== 'abandoned')
          .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)),
      )
      .filter((list) => list.length > 0);
    expect(rounded(work.tasks)).toMatchObject({
      tasks: 80,
      attempts: attempts.length,
      perAttempt: success(attempts),
      perTask: rounded(
        rate(
          count(judged, (list) => list.some(({ status }) => status === 'completed')),
          judged.length,
        ),
      ),
      firstTry: rounded(
        rate(
          count(judged, ([first]) => first?.status === 'completed'),
          judged.length,
        ),
      ),
    });
    for (const { name, ...one } of work.byTool)
      expect(rounded(one.success)).toEqual(
        success(attempts.filter(({ executor }) => executor.tool === name)),
      );
    for (const { name, ...one } of work.byModel)
      expect(rounded(one.success)).toEqual(
        success(attempts.filter(({ executor }) => executor.model === name)),
      );
    for (const { name, ...one } of work.bySize)
      expect(rounded(one.success)).toEqual(success(attempts.filter(({ task }) => task.size === name)));
    expect([work.byTool.length, work.byModel.length, work.bySize.length]).toEqual([2, 3, 3]);
    expect(work.byModelAndAmbiguity).toHaveLength(9);
    for (const cell of work.byModelAndAmbiguity) {
      const own = attempts.filter(
        ({ task, executor }) => task.ambiguity === cell.ambiguity && executor.model === cell.model,
      );
      expect(rounded(cell.success)).toEqual(success(own));
      expect(cell.abandoned).toBe(count(own, ({ status }) => status === 'abandoned'));
      const times = own
        .filter(({ status }) => status !== 'abandoned')
        .map((one) => one.duration_seconds * 1000);
      expect(cell.medianMs).toBe(Math.round(quantile(times, 0.5)));
    }
  });

  test('the seed’s example: 380 s of execution, 585 s of wall clock, 205 s idle, 2 retries', async () => {
    const one = (from: string, to: string, seconds: number, status: AttemptItem['status']): AttemptItem => ({
      started_at: `2025-11-02T15:${from}.000Z`,
      ended_at: `2025-11-02T15:${to}.000Z`,
      duration_seconds: seconds,
      status,
      executor: { tool: 'claude-code', model: 'claude-sonnet-4-20250514' },
    });
    const example: TaskItem = {
      id: 'example',
      size: 'medium',
      ambiguity: 'low',
      attempts: [
        one('03:00', '05:00', 120, 'failed'),
        one('06:25', '08:00', 95, 'failed'),
        one('10:00', '12:45', 165, 'completed'),
      ],
    };
    const project = aProject({ tasks: [example] });
    const { work } = await project.document();
    expect(work.tasks).toMatchObject({
      perAttempt: { successes: 1, of: 3, enough: false },
      perTask: { successes: 1, of: 1 },
      firstTry: { successes: 0, of: 1 },
      totals: { retries: 2, executionSeconds: 380, wallClockSeconds: 585, idleSeconds: 205 },
    });
    expect(work.byModelAndAmbiguity).toMatchObject([
      {
        model: 'claude-sonnet-4-20250514',
        ambiguity: 'low',
        success: { successes: 1, of: 3 },
        medianMs: 120_000,
      },
    ]);
    const { stdout } = await project.insights();
    expect(stdout).toContain('1 task, 3 attempts and 2 retries');
    expect(stdout).toContain('6m 20s of execution in 9m 45s of wall clock, 3m 25s idle');
  });

  test('--tasks takes a file, or standard input, that holds what task list --output json prints', async () => {
    const own = await aProject({ tasks }).document();
    const empty = aProject();
    empty.write('listed.json', taskList(tasks));
    expect(await empty.document(['--tasks', 'listed.json'])).toEqual(own);
    expect(await empty.document(['--tasks', '-'], { input: taskList(tasks) })).toEqual(own);
  });

  test('the output of task list is such input as it is', async () => {
    const project = aProject({ tasks });
    const own = await project.document();
    const listed = await murmur8(['task', 'list', '--output', 'json'], { cwd: project.root });
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.stdout)).toHaveLength(80);
    expect(await aProject().document(['--tasks', '-'], { input: listed.stdout })).toEqual(own);
  });

  test.each([
    ['no JSON', 'this is not JSON'],
    ['{"tasks": []}', 'this is JSON, but not an array'],
  ])('--tasks with %j is a mistake in the call: exit 2, where and what it takes', async (text, message) => {
    const project = aProject();
    project.write('listed.json', text);
    const ended = await project.insights(['--tasks', 'listed.json']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain('listed.json');
    expect(ended.stderr).toContain('hint: it takes what murmur8 task list --output json prints');
    expect((await project.insights(['--tasks', 'none.json'])).stderr).toContain('there is no such file');
  });

  test('task files and rows that hold no task are counted in a warning, and the rest is told', async () => {
    const project = aProject({ tasks: tasks.slice(0, 3) });
    project.write('tasks/10-ready/task-broken.md', '---\nid: [\n---\n');
    const ended = await project.insights(['--json']);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ work: { tasks: { tasks: 3 } } });
    expect(ended.stderr).toMatch(/1 of the tasks.*cannot be read[\s\S]*hint: murmur8 task validate/);
    const rows = [null, { title: 'no id' }, { id: 'x', execution: { attempts: [{ status: 'won' }] } }];
    const given = await project.insights(['--json', '--tasks', '-'], { input: JSON.stringify(rows) });
    expect(JSON.parse(given.stdout)).toMatchObject({ work: { tasks: { tasks: 1, attempts: 0 } } });
    expect(given.stderr).toContain('3 of the tasks or their attempts cannot be read');
  });

  test('a run that is an attempt of its task counts once, with the cost that the run knows', async () => {
    const runs = range(6).map((number) =>
      entryOf(
        number,
        { 'codey-implement': { model: 'large', runner: 'claude', cost: 1.5, durationMs: 600_000 } },
        { slug: 'greeting' },
      ),
    );
    const attempt = (number: number): AttemptItem => ({
      started_at: String(runs[number]?.['startedAt']),
      ended_at: String(runs[number]?.['completedAt']),
      duration_seconds: 600,
      status: 'completed',
      executor: { tool: 'claude', model: 'large' },
    });
    const task: TaskItem = {
      id: 'greeting',
      size: 'large',
      ambiguity: 'high',
      attempts: range(6).map(attempt),
    };
    const { work } = await aProject({ entries: runs, tasks: [task] }).document();
    expect(rounded(work.byModelAndAmbiguity)).toEqual([
      {
        model: 'large',
        ambiguity: 'high',
        success: rounded(rate(6, 6)),
        abandoned: 0,
        medianMs: 600_000,
        priced: 6,
        medianCostMicroUsd: 1_500_000,
        taskIds: ['greeting'],
        runs: 6,
        // The newest ones.
        runIds: [5, 4, 3, 2, 1].map(runIdOf),
      },
    ]);
  });
});

describe.skipIf(!hasTerminals())('on a terminal', () => {
  const tasks = randomTasks(60, 29);
  const entries = randomRuns(90, 31);
  const shownAt = async (columns: number, env: Readonly<Record<string, string>>): Promise<string> => {
    const project = aProject({ entries, tasks });
    const terminal = openTerminal(['insights'], { cwd: project.root, columns, env });
    expect(await terminal.ended).toBe(0);
    return terminal.shown().replaceAll('\r\n', '\n');
  };

  test.each([40, 80])(
    'of %i columns no line is longer, and tables give up columns before names',
    async (columns) => {
      const shown = await shownAt(columns, { NO_COLOR: '1' });
      expect(shown).not.toContain('\u001b');
      const lines = shown.split('\n');
      expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
      expect(shown).toMatch(/^codey-implement +\d+%.* \d+$/m);
      expect(shown).toMatch(/^Succeeded: +\|[ .:=+*%#-]{12}\| \d+$/m);
      expect(shown.includes('RETRIED')).toBe(columns === 80);
      expect(shown).toContain('MODEL');
    },
  );

  test('charts are of blocks and colour is used, but with NO_COLOR or without UTF-8', async () => {
    const coloured = await shownAt(80, { NO_COLOR: '' });
    expect(coloured).toMatch(/\u001b\[32m\|[▁-█ ]{12}\|/);
    const ascii = await shownAt(80, { NO_COLOR: '', LANG: 'C' });
    expect(ascii).not.toMatch(/[▁-█]/);
  });
});

describe('hostile and large histories', () => {
  const ESCAPE = '\u001b[31m\u001b]0;title\u0007\u202egnp\r\n';

  test('names with terminal escapes, of prototypes, and very long ones are told without effect', async () => {
    const names = [`model${ESCAPE}`, '__proto__', 'constructor', 'm'.repeat(5000)];
    const entries = range(40).map((number) =>
      entryOf(
        number,
        {
          ['__proto__x']: { model: '__proto__', runner: 'claude', durationMs: number === 39 ? 9e9 : 1000 },
          [`stage${ESCAPE}`]: {
            model: names[number % 4] ?? '',
            runner: `runner${ESCAPE}`,
            durationMs: 1000,
            cost: 1,
          },
        },
        {
          slug: `slug${ESCAPE}`,
          reasonCode: `CODE${ESCAPE}`,
          ...(number % 2 === 0 ? {} : { status: 'failed' }),
        },
      ),
    );
    const tasks = [{ id: `id${ESCAPE}`, ambiguity: ESCAPE, size: ESCAPE, execution: { attempts: 5 } }];
    const project = aProject({ entries });
    const input = { input: JSON.stringify(tasks) };
    const { stdout, stderr, code } = await project.insights(['--tasks', '-'], input);
    expect(code).toBe(0);
    for (const character of ['\u001b', '\u0007', '\u202e', '\r'])
      expect(stdout + stderr).not.toContain(character);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const document = await project.document(['--tasks', '-'], input);
    expect(document.work.byModel.find(({ name }) => name === '__proto__')).toMatchObject({ runs: 10 });
    expect(document.work.byModel.find(({ name }) => name === 'constructor')).toMatchObject({ runs: 10 });
    expect(document.proposals.flatMap(({ choice }) => choice?.model ?? [])).not.toContain(`model${ESCAPE}`);
  });

  test('100,000 entries fit into a heap of 64 MB', async () => {
    const project = aProject();
    const entries = randomRuns(1000, 7).map((run) => JSON.stringify(run));
    project.write(
      '.claude/pipeline-history.json',
      `[${Array.from({ length: 100 }, () => entries.join(',')).join(',\n')}]`,
    );
    const document = await project.document([], { node: ['--max-old-space-size=64'] });
    expect(document.outcomes.runs).toBe(100_000);
    const once = await aProject({ entries: randomRuns(1000, 7) }).document();
    expect(document.outcomes.success).toBe(once.outcomes.success * 100);
    // In steps of 1% where there are so many.
    const [many, few] = [document, once].map(({ bottlenecks }) => bottlenecks[0]?.medianMs ?? Number.NaN);
    expect(Math.abs(Math.log((many ?? 0) / (few ?? 0)))).toBeLessThan(0.02);
  }, 300_000);
});
