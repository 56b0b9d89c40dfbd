import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { insightsContract } from '../../src/interfaces/contract/insights.ts';
import { runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';
import { entryOf, runIdOf } from '../rig/insights-runs.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { scriptedAgent } from '../rig/scripted-agent.ts';

const STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'];

const projects: TestProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(entries: readonly object[] = []): TestProject {
  const project = createProject();
  projects.push(project);
  if (entries.length > 0) project.write('.claude/pipeline-history.json', JSON.stringify(entries));
  return project;
}

function implement(project: TestProject, ...args: readonly string[]): Promise<Ended> {
  return murmur8(['implement-feature', 'greeting', '--brief', project.brief, '--yes', ...args], {
    cwd: project.root,
  });
}

interface Case {
  readonly model: string;
  readonly runner?: string;
  readonly cost?: number;
  readonly failedStage?: string;
  readonly slug?: string;
  readonly only?: readonly string[];
}

/** Recorded runs, oldest first, all stages of each by one model. */
function recorded(cases: readonly Case[]): object[] {
  return cases.map(({ model, runner = 'offline', cost = 1, failedStage, slug, only = STAGES }, number) =>
    entryOf(
      number,
      Object.fromEntries(
        only.map((name) => [
          name,
          { model, runner, cost, durationMs: 60_000, status: name === failedStage ? 'failed' : 'success' },
        ]),
      ),
      {
        ...(failedStage === undefined ? {} : { status: 'failed', failedStage, reasonCode: 'TESTS_FAILED' }),
        ...(slug === undefined ? {} : { slug }),
      },
    ),
  );
}

const times = (count: number, one: Case): Case[] => Array.from({ length: count }, () => one);

/** The model that each stage's sessions were ordered with; null where none was. */
function ordered(project: TestProject, executionId?: string): Record<string, string | null> {
  return Object.fromEntries(
    project
      .journal(executionId)
      .flatMap((event) => (event.type === 'attempt.started' ? [[event.stage, event.model ?? null]] : [])),
  );
}

const all = (model: string | null) => Object.fromEntries(STAGES.map((stage) => [stage, model]));

function choicesOf(project: TestProject) {
  const created = project.journal().find((event) => event.type === 'run.created');
  return created?.settings.modelChoices;
}

describe('--model auto', () => {
  const evidence = recorded([
    ...times(20, { model: 'large', cost: 3 }),
    ...times(20, { model: 'small', cost: 1 }),
    ...times(10, { model: 'weak', cost: 0.1, failedStage: 'codey-implement' }),
  ]);

  test('gives each stage the model that the recorded runs speak for, and says which, why and on what runs', async () => {
    const project = aProject(evidence);
    const ended = await implement(project, '--runner', 'offline', '--model', 'auto');
    expect(ended.code).toBe(0);
    // As sure as the large one and cheaper; the cheapest fails at its work, and is as sure only where it does not.
    expect(ordered(project)).toMatchObject({ 'codey-implement': 'small' });
    const choices = choicesOf(project);
    expect(choices?.map(({ stage }) => stage)).toEqual(STAGES);
    expect(choices?.at(-1)).toEqual({
      stage: 'codey-implement',
      runner: 'offline',
      model: 'small',
      reason: 'as-sure-and-cheaper',
      successes: 20,
      of: 20,
      runIds: [39, 38, 37, 36, 35].map(runIdOf),
    });
    expect(ended.stderr).toMatch(
      /codey-implement: offline small, 20\/20 succeeded, surely 83% or more, \$1\.00, 1m 00s; as sure as the\s+best, and cheaper\n +rests on 20 cases: 00000039, 00000038/,
    );
    const status = (...args: readonly string[]) =>
      murmur8(['status', 'greeting', ...args], { cwd: project.root });
    const document = runStatusDocumentContract.parse(JSON.parse((await status('--json')).stdout));
    expect(document.model_choices).toEqual(choices);
    expect((await status()).stdout).toMatch(
      /Models \(--model auto\):[\s\S]*codey-implement +small +20\/20 succeeded +as sure and cheaper/,
    );
    // What the run itself leaves is evidence for the next one.
    expect(project.history().at(-1)?.stages['codey-implement']).toMatchObject({
      model: 'small',
      runner: 'offline',
    });
  });

  test('is opt-in: without it the evidence changes nothing, and nothing is said or recorded of it', async () => {
    const project = aProject(evidence);
    const ended = await implement(project, '--runner', 'offline');
    expect(ended.code).toBe(0);
    expect(ordered(project)).toEqual(all(null));
    expect(choicesOf(project)).toBeUndefined();
    expect(ended.stderr).not.toContain('recorded runs');
    const { stdout } = await murmur8(['status', 'greeting', '--json'], { cwd: project.root });
    expect(JSON.parse(stdout)).not.toHaveProperty('model_choices');
  });

  test('where too little is known, says so with the count, and the configured model is used', async () => {
    const project = aProject(recorded([...times(2, { model: 'large' }), { model: 'small' }]));
    const role = readFileSync(new URL('../../.blueprint/agents/alex.md', import.meta.url), 'utf8');
    project.write('.blueprint/agents/alex.md', role.replace('---\n', '---\nmodel: house-model\n'));
    const ended = await implement(project, '--runner', 'offline', '--model', 'auto', '--pause-after', 'cass');
    expect(ended.code).toBe(3);
    expect(ordered(project)).toEqual({ alex: 'house-model', cass: null });
    expect(choicesOf(project)?.[0]).toEqual({
      stage: 'alex',
      runner: 'offline',
      reason: 'not-enough-data',
      runIds: [],
    });
    expect(ended.stderr).toMatch(
      /alex: offline house-model, as configured; not enough data: 2 of 8 cases of one\s+model/,
    );
    expect(ended.stderr).toMatch(/cass: offline with its own default model; not enough data: 2 of 8 cases/);
  });

  test('no model that fails more often than not is chosen, however much is known of it', async () => {
    const project = aProject(
      recorded([
        ...times(15, { model: 'weak', failedStage: 'codey-implement' }),
        ...times(9, { model: 'weak' }),
      ]),
    );
    const ended = await implement(project, '--runner', 'offline', '--model', 'auto');
    expect(ordered(project)).toMatchObject({ alex: 'weak', 'codey-implement': null });
    expect(ended.stderr).toMatch(
      /codey-implement: offline with its own default model; no model is sure to succeed/,
    );
  });

  test('chooses among models of the runner that runs the stage', async () => {
    const project = aProject(
      recorded([
        ...times(30, { model: 'claude-only', runner: 'claude' }),
        ...times(8, { model: 'own', runner: 'offline', cost: 9 }),
      ]),
    );
    await implement(project, '--runner', 'offline', '--model', 'auto', '--pause-after', 'cass');
    expect(ordered(project)).toEqual({ alex: 'own', cass: 'own' });
  });

  test('the ambiguity of the task with the feature’s name decides alone where it has cases enough', async () => {
    const project = aProject(
      recorded([
        ...times(9, { model: 'careful', slug: 'hard-one' }),
        ...times(30, { model: 'quick', cost: 0.1, slug: 'easy-one' }),
      ]),
    );
    const task = (id: string, ambiguity: string): void =>
      project.write(
        `tasks/10-ready/task-${id}.md`,
        `---\nid: ${id}\ntitle: ${id}\nkind: task\nstate: ready\nambiguity: ${ambiguity}\ncreated_at: 2026-01-01T00:00:00.000Z\nupdated_at: 2026-01-01T00:00:00.000Z\n---\n`,
      );
    task('hard-one', 'high');
    task('easy-one', 'low');
    task('greeting', 'high');
    const ended = await implement(project, '--runner', 'offline', '--model', 'auto', '--pause-after', 'cass');
    expect(ordered(project)).toEqual({ alex: 'careful', cass: 'careful' });
    expect(choicesOf(project)?.[0]).toMatchObject({ ambiguity: 'high', of: 9, reason: 'the-only-one' });
    expect(ended.stderr).toContain('alex, ambiguity high: offline careful, 9/9 succeeded');
  });

  test('a run that goes on keeps its choices, for their runner only, and gives way to a model by name', async () => {
    const project = aProject(evidence);
    const run = ['--runner', 'offline', '--model', 'auto', '--pause-after'];
    expect((await implement(project, ...run, 'alex')).code).toBe(3);
    const again = await implement(project, ...run, 'cass');
    expect(again.stderr).toContain('the run goes on with the models it began with');
    expect(again.stderr).not.toContain('by the recorded runs');
    const status = async () =>
      JSON.parse((await murmur8(['status', 'greeting', '--json'], { cwd: project.root })).stdout);
    expect(await status()).toHaveProperty('model_choices');
    await implement(project, '--model', 'by-name', '--pause-after', 'nigel');
    expect(await status()).not.toHaveProperty('model_choices');
    const [executionId = ''] = project.runs();
    const started = (): (string | null)[] => Object.values(ordered(project, executionId));
    const [chosen] = started();
    expect(chosen).not.toBeNull();
    expect(started()).toEqual([chosen, choicesOf(project)?.[1]?.model, 'by-name']);
    const other = aProject(evidence);
    await implement(other, ...run, 'alex');
    await implement(other, '--runner', scriptedAgent().runner);
    expect(ordered(other)).toEqual({ ...all(null), alex: chosen });
  }, 300_000);

  test('a history that cannot be read is a warning: nothing is chosen, and the run ends as it would', async () => {
    const project = aProject();
    project.write('.claude/pipeline-history.json', 'no history at all');
    const ended = await implement(project, '--runner', 'offline', '--model', 'auto', '--no-history');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('pipeline-history.json');
    expect(ended.stderr).toMatch(/alex: offline with its own default model; not enough data: 0 of 8 cases/);
    expect(ordered(project)).toEqual(all(null));
  });

  test('what a history names as a model is never handed on as an option', async () => {
    const project = aProject(recorded(times(20, { model: '--dangerously-skip-permissions' })));
    await implement(project, '--runner', 'offline', '--model', 'auto', '--pause-after', 'cass');
    expect(ordered(project)).toEqual({ alex: null, cass: null });
  });

  test('a run counts once, as the attempt that it left in its task, whatever the task is called', async () => {
    const project = aProject();
    project.write(
      'tasks/10-ready/task-say-hello.md',
      '---\nid: say-hello\ntitle: hello\nkind: task\nstate: ready\nambiguity: high\n' +
        'created_at: 2026-01-01T00:00:00.000Z\nupdated_at: 2026-01-01T00:00:00.000Z\n---\n',
    );
    const args = ['--runner', 'offline', '--model', 'named', '--task', 'say-hello'];
    expect((await implement(project, ...args)).code).toBe(0);
    const told = await murmur8(['insights', '--json'], { cwd: project.root });
    const { work } = insightsContract.parse(JSON.parse(told.stdout));
    const [entry] = project.history();
    expect(work.byModelAndAmbiguity).toMatchObject([
      {
        model: 'named',
        ambiguity: 'high',
        success: { successes: 1, of: 1 },
        runs: 1,
        runIds: [entry?.runId],
        taskIds: ['say-hello'],
      },
    ]);
    expect(work.tasks).toMatchObject({ tasks: 1, attempts: 1, totals: { retries: 0 } });
  });

  test('the help of the commands that take it says so', async () => {
    for (const command of ['implement-feature', 'resume'])
      expect((await murmur8([command, '--help'], { cwd: '/' })).stdout.replace(/\s+/g, ' ')).toContain(
        'or auto: by the recorded runs',
      );
    expect((await murmur8(['pipeline', 'run', '--help'], { cwd: '/' })).stdout).not.toContain('or auto');
  });
});
