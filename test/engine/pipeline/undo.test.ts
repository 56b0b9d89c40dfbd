import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import { approved, begun, EXECUTION, generated, started, succeeds } from '../../rig/run-builder.ts';
import { aCommand, anAgent, aRun, aWorld, type FakeWorld, perform, SECRET } from './pipeline-world.ts';

const work = { kind: 'undo', stage: 'deploy', rollbackId: 'r1' } as const;
const step = { type: 'rollback.step.finished', rollbackId: 'r1', stage: 'deploy' };
const check = aCommand('false', { name: 'check', needs: ['deploy'] });
const failed: RunEventBody[] = [
  started('check'),
  begun('check'),
  generated('check', { outcome: 'failed', message: 'it answers 502' }),
  {
    type: 'stage.finished',
    stage: 'check',
    status: 'failed',
    code: 'STAGE_FAILED',
    message: 'it answers 502',
  },
];
const goesBack: RunEventBody[] = [
  {
    type: 'rollback.started',
    rollbackId: 'r1',
    cause: 'failure',
    target: 'deploy',
    stages: ['deploy'],
    failedStage: 'check',
  },
  { type: 'rollback.step.started', rollbackId: 'r1', stage: 'deploy', agent: 'a', runner: 'r' },
];

/** A run that goes back because the check of the stage failed. */
function goingBack(
  stage: Stage,
  outputs: Record<string, string> = {},
  before = succeeds('deploy', outputs),
): RunState {
  return aRun([stage, check], [...before, ...failed, ...goesBack], { declared: { where: 'north' } });
}

function undo(world: FakeWorld, state: RunState): Promise<readonly RunEventBody[]> {
  return perform(world, state, work);
}

const byCommand = (run: string): Pick<Stage, 'rollback'> => ({
  rollback: { work: { kind: 'command', run }, timeoutMs: 9_000 },
});
const byAgent = (task?: string): Pick<Stage, 'rollback'> => ({
  rollback: {
    work: { kind: 'agent', agent: 'undoer', ...(task === undefined ? {} : { task }) },
    timeoutMs: 9_000,
  },
});

describe('undoing a stage by its own command', () => {
  test('runs it in the surroundings of the stage, with what the stage gave out', async () => {
    const world = aWorld();
    world.files.set('web/index.html', '');
    const stage = aCommand('./deploy', {
      ...byCommand('./back ${stages.deploy.outputs.id} ${where}'),
      outputs: ['id'],
      produces: ['never/*'],
      env: { KEY: '${where}' },
      workingDirectory: 'web',
      environment: 'staging',
    });
    expect(await undo(world, goingBack(stage, { id: '7; rm' }))).toEqual([
      { ...step, status: 'succeeded', exitCode: 0, logFile: '/state/deploy/undo-1.log' },
    ]);
    expect(world.orders).toMatchObject([
      {
        commandLine: './back "${MURMUR8_VAR_stages_deploy_outputs_id}" "${MURMUR8_VAR_where}"',
        cwd: '/project/web',
        timeoutMs: 9_000,
        env: {
          KEY: 'north',
          MURMUR8_JOB: 'undo',
          MURMUR8_STAGE: 'deploy',
          MURMUR8_ENVIRONMENT: 'staging',
          MURMUR8_VAR_stages_deploy_outputs_id: '7; rm',
        },
      },
    ]);
  });

  test.each([
    [
      'failed',
      { outcome: 'failed', exitCode: 4, stderr: 'no such release\n' },
      'exit code 4: no such release',
    ],
    ['failed', { outcome: 'timeout', message: 'not done after 9000 ms' }, 'not done after 9000 ms'],
    ['interrupted', { outcome: 'cancelled' }, 'cancelled'],
  ] as const)('has %s when it ends as %j', async (status, outcome, message) => {
    const world = aWorld();
    world.command = () => outcome;
    expect(await undo(world, goingBack(aCommand('./deploy', byCommand('./back'))))).toMatchObject([
      { ...step, status, message },
    ]);
    expect(world.orders).toHaveLength(1);
  });

  test('starts nothing when a value is missing that it needs', async () => {
    const world = aWorld();
    const stage = aCommand('./deploy', {
      ...byCommand('./back ${stages.deploy.outputs.id}'),
      outputs: ['id'],
    });
    expect(await undo(world, goingBack(stage))).toMatchObject([
      { ...step, status: 'failed', message: '${stages.deploy.outputs.id} has no value' },
    ]);
    expect(world.orders).toEqual([]);
  });
});

describe('undoing a stage by an agent', () => {
  test('that is told how gets that as its task, and none of the duties of the stage', async () => {
    const world = aWorld();
    const stage = anAgent('Deploy', {
      ...byAgent('Go back to ${stages.deploy.outputs.before}'),
      outputs: ['before'],
    });
    await undo(world, goingBack(stage, { before: '1.4.1' }));
    expect(world.agents).toMatchObject([
      {
        agent: 'undoer',
        timeoutMs: 9_000,
        job: { kind: 'undo', stage: 'deploy', task: 'Go back to 1.4.1' },
      },
    ]);
    expect(world.agents[0]?.prompt).toContain('# deploy of sample\n');
    expect(world.agents[0]?.prompt).toContain('task: Go back to 1.4.1\noutputs: none');
    expect(world.agents[0]?.job).not.toHaveProperty('outputs');
  });

  test('of its own gets the standard prompt: what was done, what it left, and why it goes back', async () => {
    const world = aWorld();
    const stage = anAgent('Deploy to ${where}', {
      outputs: ['url'],
      environment: 'staging',
      timeoutMs: 8_000,
    });
    await undo(world, goingBack(stage, { url: 'http://staging' }));
    const [order] = world.agents;
    expect(order).toMatchObject({
      agent: 'deployer',
      timeoutMs: 8_000,
      job: { kind: 'undo', task: 'Deploy to north', environment: 'staging' },
    });
    expect(order).not.toHaveProperty('sessionId');
    expect(order?.prompt).toContain(`# undo deploy of sample\n${EXECUTION} staging\ndone: Deploy to north\n`);
    expect(order?.prompt).toMatch(/left: <<<QUOTED [^\n]*\nurl=http:\/\/staging\nQUOTED>>>/);
    expect(order?.prompt).toMatch(
      /why: <<<QUOTED [^\n]*\nThe stage check failed \(STAGE_FAILED: it answers 502\)\nQUOTED>>>/,
    );
  });

  test('that the block names without a task is not asked to do the work once more', async () => {
    for (const [stage, done] of [
      [anAgent('Deploy to ${where}', byAgent()), 'Deploy to north'],
      [aCommand('./deploy ${where}', byAgent()), './deploy north'],
    ] as const) {
      const world = aWorld();
      await undo(world, goingBack(stage));
      expect(world.agents).toMatchObject([{ agent: 'undoer', timeoutMs: 9_000, job: { kind: 'undo' } }]);
      expect(world.agents[0]?.prompt).toContain(`# undo deploy of sample\n`);
      expect(world.agents[0]?.prompt).toContain(`done: ${done}\n`);
    }
  });

  test('is told who asked for it and why, where a person did', async () => {
    const world = aWorld();
    const byHand: RunEventBody[] = [
      {
        type: 'rollback.started',
        rollbackId: 'r1',
        cause: 'manual',
        target: 'deploy',
        stages: ['deploy'],
        actor: 'ada',
        reason: 'wrong release',
      },
    ];
    await undo(world, aRun([anAgent(undefined)], [...succeeds('deploy'), ...byHand]));
    expect(world.agents[0]?.prompt).toContain('\nada asked for it: wrong release\n');
    expect(world.agents[0]?.prompt).toContain('left: Nothing.');
    expect(world.agents[0]?.prompt).not.toContain('undefined');
  });

  test.each([
    ['says that it failed', { failure: { text: `left half with ${SECRET}` } }, 'left half with ***'],
    ['asks', { question: { text: 'really?' } }, 'it asked instead of undoing: really?'],
  ])('has failed when it %s', async (_what, answer, message) => {
    const world = aWorld();
    world.answer = answer;
    expect(await undo(world, goingBack(anAgent('Deploy')))).toMatchObject([
      { ...step, status: 'failed', message },
    ]);
  });

  test('says what it used, and that it was interrupted', async () => {
    const world = aWorld();
    const usage = { input: 10, output: 1, costMicroUsd: 5 };
    world.agent = () => ({ outcome: 'cancelled', message: 'stopped on request', usage });
    expect(await undo(world, goingBack(anAgent('Deploy')))).toMatchObject([
      { ...step, status: 'interrupted', usage },
    ]);
  });
});

describe('undoing a stage with items', () => {
  const three = (run = './back ${item}') =>
    aCommand('./deploy ${item}', { ...byCommand(run), foreach: ['deploy 1', 'deploy 2', 'deploy 3'] });
  const frame = (index: number): RunEventBody[] => [
    begun('deploy', { frame: index }),
    generated('deploy', { frame: index }),
    approved('deploy', { frame: index }),
  ];
  const all: RunEventBody[] = [
    started('deploy', 3),
    ...[0, 1, 2].flatMap(frame),
    { type: 'stage.finished', stage: 'deploy', status: 'succeeded' },
  ];
  const itemsOf = (world: FakeWorld) => world.orders.map(({ env }) => env['MURMUR8_VAR_item']);

  test('takes each of them back, the last one first', async () => {
    const world = aWorld();
    expect(await undo(world, goingBack(three(), {}, all))).toEqual([
      { ...step, status: 'succeeded', exitCode: 0, logFile: '/state/deploy/undo-1-0.log' },
    ]);
    expect(itemsOf(world)).toEqual(['deploy 3', 'deploy 2', 'deploy 1']);
    expect(world.orders.map(({ logFile }) => logFile)).toEqual(
      [2, 1, 0].map((index) => `/state/deploy/undo-1-${index}.log`),
    );
  });

  test('takes back only what was begun', async () => {
    const world = aWorld();
    const some: RunEventBody[] = [
      started('deploy', 3),
      ...frame(0),
      begun('deploy', { frame: 1 }),
      generated('deploy', { frame: 1, outcome: 'failed' }),
      { type: 'stage.finished', stage: 'deploy', status: 'failed', code: 'STAGE_FAILED' },
    ];
    await undo(world, aRun([three()], [...some, ...goesBack]));
    expect(itemsOf(world)).toEqual(['deploy 2', 'deploy 1']);
  });

  test('stops at the first that fails, and names it', async () => {
    const world = aWorld();
    world.command = ({ env }) =>
      env['MURMUR8_ITEM'] === 'deploy 2' ? { outcome: 'failed', exitCode: 1, stderr: 'gone\n' } : {};
    expect(await undo(world, goingBack(three(), {}, all))).toEqual([
      {
        ...step,
        status: 'failed',
        exitCode: 1,
        message: 'deploy 2: exit code 1: gone',
        logFile: '/state/deploy/undo-1-1.log',
      },
    ]);
    expect(itemsOf(world)).toEqual(['deploy 3', 'deploy 2']);
  });

  test('has nothing to do where there were none', async () => {
    const world = aWorld();
    const none: RunEventBody[] = [
      { type: 'stage.started', stage: 'deploy', frames: [] },
      { type: 'stage.finished', stage: 'deploy', status: 'succeeded' },
    ];
    expect(await undo(world, goingBack(three(), {}, none))).toEqual([{ ...step, status: 'succeeded' }]);
    expect(world.orders).toEqual([]);
  });

  test('adds up what its agent used; the cost is known only where each is', async () => {
    const stage = anAgent('Deploy ${item}', { foreach: ['deploy 1', 'deploy 2', 'deploy 3'] });
    const world = aWorld();
    world.agent = () => ({ outcome: 'ok', usage: { input: 10, output: 1, cacheRead: 2, costMicroUsd: 5 } });
    expect(await undo(world, goingBack(stage, {}, all))).toMatchObject([
      { usage: { input: 30, output: 3, cacheRead: 6, costMicroUsd: 15 } },
    ]);
    expect(world.agents.map(({ job }) => job.task)).toEqual([
      'Deploy deploy 3',
      'Deploy deploy 2',
      'Deploy deploy 1',
    ]);
    world.agent = ({ job }) => ({
      outcome: 'ok',
      usage: { input: 10, output: 1, ...(job.item === 'deploy 2' ? {} : { costMicroUsd: 5 }) },
    });
    const [event] = await undo(world, goingBack(stage, {}, all));
    expect(event).toMatchObject({ usage: { input: 30 } });
    expect(event).not.toHaveProperty('usage.costMicroUsd');
  });
});

describe('who undoes', () => {
  const startedBy = (stage: Stage) => createPipelineWork(aWorld()).started(work, goingBack(stage));

  test('is recorded before it begins', () => {
    const key = { type: 'rollback.step.started', rollbackId: 'r1', stage: 'deploy' };
    expect(startedBy(aCommand('./deploy', byCommand('./back')))).toEqual({
      ...key,
      agent: 'command',
      runner: 'command',
    });
    expect(startedBy(anAgent('Deploy'))).toEqual({ ...key, agent: 'deployer', runner: 'fake' });
    expect(startedBy(aCommand('./deploy', byAgent()))).toEqual({ ...key, agent: 'undoer', runner: 'fake' });
  });

  test('is never the command itself', () => {
    expect(() => startedBy(aCommand('./deploy'))).toThrow('nothing says how deploy is undone');
  });

  test('is nobody when the rollback is over', async () => {
    const world = aWorld();
    expect(await undo(world, aRun([anAgent('Deploy')], succeeds('deploy')))).toEqual([]);
    expect(world.agents).toEqual([]);
  });
});
