import { afterEach, describe, expect, test } from 'vitest';
import { aliveWith } from '../rig/agents-alive.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { type SpendingAgent, type SpendingSession, spendingAgent } from '../rig/spending-agent.ts';
import { until } from '../rig/until.ts';

const ONE = 'name: spend\nstages:\n  - {name: draft, agent: builder, task: Write}\n';
const ROW = `${ONE}  - {name: polish, agent: builder, task: Polish}\n`;
const SIDE_BY_SIDE = `${ONE}  - {name: polish, agent: builder, task: Polish, depends_on: []}\n`;
const HANGS = { last: 'hangs' } as const;

let project: PipelineProject;
let agent: SpendingAgent;

async function withAgent(
  definition: string,
  sessions: Readonly<Record<string, readonly SpendingSession[]>>,
): Promise<void> {
  agent = spendingAgent(sessions);
  project = createPipelineProject({ env: agent.env });
  await project.register(definition);
}

afterEach(() => {
  for (const id of project.runs()) expect(aliveWith(id)).toEqual([]);
  project.remove();
  agent.remove();
});

const run = (...limits: string[]) => project.pipeline('run', 'spend', '--runner', 'opencode', ...limits);
const resume = (...limits: string[]) => project.pipeline('resume', project.runs()[0] ?? '', ...limits);

async function shown(): Promise<{ cost: unknown; complete: unknown; tokens: unknown }> {
  const status = await murmur8(['status', project.runs()[0] ?? '', '--json'], { cwd: project.root });
  const document = JSON.parse(status.stdout) as Record<string, unknown>;
  return { cost: document['cost_usd'], complete: document['cost_complete'], tokens: document['tokens'] };
}

const isStopped = (ended: Ended, said: string) =>
  expect(ended).toMatchObject({ code: 4, stderr: expect.stringContaining(said) });

describe('a budget', () => {
  test('ends an agent at work, whose session goes on with a higher limit', async () => {
    await withAgent(ONE, { draft: [{ steps: [0.2, 0.4], ...HANGS }, { steps: [0.1] }] });
    isStopped(await run('--max-cost', '0.5'), 'BUDGET_EXCEEDED');
    expect(project.journal()).toContainEqual(
      expect.objectContaining({
        type: 'attempt.generated',
        outcome: 'budget',
        message: 'cost in USD: 0.6 of at most 0.5',
        usage: expect.objectContaining({ costMicroUsd: 600_000 }),
      }),
    );
    expect(project.journal()).toContainEqual(
      expect.objectContaining({ type: 'run.stopped', code: 'BUDGET_EXCEEDED', threshold: 0.5, actual: 0.6 }),
    );
    isStopped(await resume('--max-cost', '0.6'), 'BUDGET_EXCEEDED');
    expect(agent.starts()).toHaveLength(1);
    expect(await resume('--max-cost', '0.65')).toMatchObject({ code: 0 });
    expect(agent.starts()).toEqual([
      { stage: 'draft', session: 'ses_draft0', isResumed: false },
      { stage: 'draft', session: 'ses_draft0', isResumed: true },
    ]);
    expect(await shown()).toEqual({ cost: 0.7, complete: true, tokens: 330 });
  });

  test('holds over a kill in the middle of an attempt', async () => {
    await withAgent(ONE, {
      draft: [
        { steps: [0.3], ...HANGS },
        { steps: [0.1, 0.15], ...HANGS },
      ],
    });
    const going = project.startPipeline('run', 'spend', '--runner', 'opencode', '--max-cost', '0.5');
    await until(() => expect(project.journal().map(({ type }) => type)).toContain('attempt.spent'));
    going.child.kill('SIGKILL');
    await going.ended;
    isStopped(await resume(), 'BUDGET_EXCEEDED');
    expect(agent.starts().map(({ isResumed }) => isResumed)).toEqual([false, true]);
    expect(await shown()).toEqual({ cost: 0.55, complete: true, tokens: 330 });
  });

  test('is shared by stages side by side', async () => {
    const each = [{ steps: [0.1, 0.2], ...HANGS }, { steps: [0.1] }];
    await withAgent(SIDE_BY_SIDE, { draft: each, polish: each });
    isStopped(await run('--max-cost', '0.5'), 'BUDGET_EXCEEDED');
    expect(await shown()).toMatchObject({ cost: 0.6 });
    expect(await resume('--max-cost', '5')).toMatchObject({ code: 0 });
    expect(await shown()).toMatchObject({ cost: 0.8 });
  });

  test('of a stage stops that stage alone, and what it has done is kept', async () => {
    await withAgent(ROW, {
      draft: [{ steps: [2] }],
      polish: [{ steps: [0.4, 0.4], ...HANGS }, { steps: [3] }],
    });
    isStopped(
      await run('--max-cost', 'polish=0.5', '--max-tokens', '5000'),
      'polish: cost in USD: 0.8 of at most 0.5',
    );
    const raised = ['--max-cost', 'polish=2', '--max-tokens', 'polish=5000', '--stage-timeout', 'polish=45m'];
    // The last step goes beyond it, but it is done.
    expect(await resume(...raised)).toMatchObject({ code: 0 });
    const settings = project.journal().findLast((event) => event.type === 'segment.started');
    expect(settings).toMatchObject({
      settings: {
        limits: { maxTokens: 5000 },
        stageLimits: { polish: { maxCostMicroUsd: 2_000_000, maxTokens: 5000 } },
        stageTimeouts: { polish: 2_700_000 },
      },
    });
  });
});

describe('a cost that nobody knows', () => {
  test('ends what a limit could not hold, until its model has a price', async () => {
    await withAgent(ROW, { draft: [{ steps: [0.1, null] }], polish: [{ steps: [0.2, null] }] });
    isStopped(await run('--max-cost', '5'), "murmur8 cost-config set models.scripted/m1 '{");
    expect(agent.starts().map(({ stage }) => stage)).toEqual(['draft']);
    expect(await shown()).toMatchObject({ cost: 0, complete: false });
    const set = ['cost-config', 'set', 'models.scripted/m1', '{"input": 100, "output": 1000}'];
    expect(await murmur8(set, { cwd: project.root })).toMatchObject({ code: 0 });
    expect(await resume()).toMatchObject({ code: 0 });
    // Of the second stage 200 tokens in and 20 out; of the first one nobody will ever know.
    expect(await shown()).toMatchObject({ cost: 0.04, complete: false });
    const status = await murmur8(['status', project.runs()[0] ?? ''], { cwd: project.root });
    expect(status.stdout).toMatch(/^Cost: +at least \$0\.04 /m);
  });
});

describe('a limit that could not be kept is refused before anything is spent', () => {
  test.each([
    [['--max-cost', 'polisch=1'], 'did you mean polish?'],
    [['--max-cost', 'polish=cheap'], 'an amount in US dollars'],
    [
      ['--runner', 'gemini', '--model', 'pro', '--max-cost', 'polish=1'],
      `give it one: murmur8 cost-config set models.pro '{"input": <usd>, "output": <usd>}'`,
    ],
  ])('%j', async (options, said) => {
    await withAgent(ROW, {});
    const runner = options.includes('--runner') ? [] : ['--runner', 'opencode'];
    const ended = await project.pipeline('run', 'spend', ...runner, ...options);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
    expect(project.runs()).toEqual([]);
    expect(agent.starts()).toEqual([]);
  });

  test('in the run of a feature, also when it goes on', async () => {
    await withAgent(ONE, {});
    const feature = (...more: string[]) =>
      murmur8(['implement-feature', 'greeting', '--runner', 'offline', ...more], { cwd: project.root });
    const asked = { code: 2, stderr: expect.stringContaining('did you mean nigel?') };
    expect(await feature('--brief', project.brief, '--max-tokens', 'nigle=5')).toMatchObject(asked);
    expect(project.runs()).toEqual([]);
    const begin = ['--brief', project.brief, '--pause-after=alex', '--max-tokens', 'nigel=5'];
    expect(await feature(...begin)).toMatchObject({ code: 3 });
    const before = project.journal().length;
    expect(await feature('--stage-timeout', 'nigle=5m')).toMatchObject(asked);
    expect(project.journal()).toHaveLength(before);
    expect(project.journal()[0]).toMatchObject({ settings: { stageLimits: { nigel: { maxTokens: 5 } } } });
  });
});
