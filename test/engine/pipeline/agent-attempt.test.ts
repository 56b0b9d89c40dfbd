import { describe, expect, test } from 'vitest';
import { costConfigSchema } from '../../../src/core/config/cost-config.ts';
import { fail } from '../../../src/core/result.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import { createSpending } from '../../../src/engine/spending.ts';
import { EXECUTION, happens, settings, started, succeeds } from '../../rig/run-builder.ts';
import { aCommand, anAgent, aRun, attempt, aWorld, perform, SECRET, underWay } from './pipeline-world.ts';

const build = aCommand('true', { name: 'build', outputs: ['version'] });
const release = anAgent('Deploy ${stages.build.outputs.version} to ${stage.environment}', {
  needs: ['build'],
  environment: '${where}',
  env: { TARGET: '${where}' },
  outputs: ['url', 'notes'],
  produces: ['deployed/*'],
});
const declared = { where: 'staging' };
const built = succeeds('build', { version: '1.4.2 ${where} {{stage}}' });
const deploying = () => underWay([build, release], built, { declared });

describe('an attempt by an agent', () => {
  test('tells it its task with values filled in once, as data, and what it has to leave', async () => {
    const world = aWorld();
    await attempt(world, deploying());
    expect(world.agents[0]?.prompt).toBe(
      [
        '# deploy of sample',
        `${EXECUTION} staging`,
        'task: Deploy 1.4.2 ${where} {{stage}} to staging',
        'outputs: url, notes to /state/deploy/0-1.outputs',
        'produces: deployed/*',
        'Be careful.',
        '',
      ].join('\n'),
    );
    expect(world.agents).toMatchObject([
      {
        runId: EXECUTION,
        attempt: 1,
        agent: 'deployer',
        instructions: 'You are deployer.',
        cwd: '/project',
        env: { TARGET: 'staging' },
        timeoutMs: 60_000,
        answerFile: '/state/deploy/0-1.answer',
        outputFile: '/state/deploy/0-1.outputs',
        logFile: '/state/deploy/0-1.log',
        job: {
          kind: 'work',
          stage: 'deploy',
          pipeline: 'sample',
          task: 'Deploy 1.4.2 ${where} {{stage}} to staging',
          environment: 'staging',
          outputs: ['url', 'notes'],
          produces: ['deployed/*'],
          findings: [],
        },
      },
    ]);
  });

  test('records what the runner says of it, and checks what it left', async () => {
    const world = aWorld();
    world.files.set('deployed/now', '');
    world.agent = ({ outputFile }) => {
      world.left.set(outputFile ?? '', 'url=http://staging\nnotes=none\n');
      return {
        outcome: 'ok',
        exitCode: 0,
        sessionId: 'session-1',
        model: 'small',
        agentVersion: '2.0',
        usage: { input: 10, output: 1, costMicroUsd: 5 },
        text: 'I did it.',
      };
    };
    expect(await attempt(world, deploying())).toEqual([
      {
        type: 'attempt.generated',
        stage: 'deploy',
        frame: 0,
        attempt: 1,
        logFile: '/state/deploy/0-1.log',
        outcome: 'ok',
        exitCode: 0,
        sessionId: 'session-1',
        model: 'small',
        agentVersion: '2.0',
        usage: { input: 10, output: 1, costMicroUsd: 5 },
      },
      {
        type: 'attempt.judged',
        stage: 'deploy',
        frame: 0,
        attempt: 1,
        verdict: 'approved',
        findings: [],
        outputs: { url: 'http://staging', notes: 'none' },
      },
    ]);
  });

  test('without a task is told to do what its role says', async () => {
    const world = aWorld();
    await attempt(world, underWay([anAgent(undefined)]));
    expect(world.agents[0]?.prompt).toContain('task: Do what your role says for the stage deploy.\n');
    expect(world.agents[0]?.prompt).toContain('outputs: none to');
    expect(world.agents[0]?.prompt).not.toContain('undefined');
    expect(world.agents[0]?.job).not.toHaveProperty('task');
    expect(world.agents[0]?.job).not.toHaveProperty('environment');
  });

  test('is given what was wrong with the last one, and its session', async () => {
    const world = aWorld();
    await attempt(world, deploying(), {
      attempt: 2,
      findings: ['the output url was not given'],
      sessionId: 'session-1',
    });
    const [order] = world.agents;
    expect(order).toMatchObject({ sessionId: 'session-1', attempt: 2 });
    expect(order?.job.findings).toEqual(['the output url was not given']);
    expect(order?.prompt).toContain('to /state/deploy/0-2.outputs');
    expect(order?.prompt).toMatch(/left wrong[\s\S]*<<<QUOTED[\s\S]*- the output url was not given/);
  });

  test('is given its strategy, with values filled in once', async () => {
    const world = aWorld();
    const strategies = [{ name: 'WIDER', task: 'Look at ${where}, too.' }, { name: 'ALONE' }];
    const retry = { delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0, strategies };
    const state = underWay([anAgent('Deploy', { retry })], [], {
      declared: { where: '${staging} {{stage}}' },
    });
    await attempt(world, state, { attempt: 2, strategy: 'WIDER', findings: ['it is too small'] });
    await attempt(world, state, { attempt: 3, strategy: 'ALONE' });
    expect(world.agents[0]?.prompt).toMatch(
      /the strategy WIDER\n[\s\S]*\n\nLook at \$\{staging\} \{\{stage\}\}, too\.\n\n## What the last attempt left wrong/,
    );
    expect(world.agents[0]?.job).toMatchObject({ strategy: 'WIDER', frame: 0 });
    expect(world.agents[1]?.prompt).toMatch(/follows the strategy ALONE\.\n$/);
  });

  test('starts nothing when its strategy needs an output that is missing', async () => {
    const world = aWorld();
    const strategies = [{ name: 'WIDER', task: 'as in ${stages.build.outputs.version}' }];
    const retry = { delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0, strategies };
    const state = underWay([build, anAgent('Deploy', { needs: ['build'], retry })], succeeds('build'));
    expect(await attempt(world, state, { attempt: 2, strategy: 'WIDER' })).toMatchObject([
      { outcome: 'missing-input', message: expect.stringContaining('${stages.build.outputs.version}') },
    ]);
    expect(world.agents).toEqual([]);
  });

  test('may be silent for as long as its stage or its run says, else for ten minutes', async () => {
    const world = aWorld();
    await attempt(world, underWay([anAgent('Deploy', { limits: { stallTimeoutMs: 1_000 } })]));
    await attempt(
      world,
      underWay([anAgent('Deploy')], [], { settings: settings({ limits: { stallTimeoutMs: 2_000 } }) }),
    );
    await attempt(world, underWay([anAgent('Deploy')]));
    expect(world.agents.map(({ stallTimeoutMs }) => stallTimeoutMs)).toEqual([1_000, 2_000, 600_000]);
  });

  test('that fell silent is recorded with how long it was', async () => {
    const world = aWorld();
    world.agent = () => ({ outcome: 'stalled', message: 'silent', silentMs: 61_000 });
    expect(await attempt(world, underWay([anAgent('Deploy')]))).toMatchObject([
      { outcome: 'stalled', silentMs: 61_000 },
    ]);
  });

  test.each([['ok'], ['crashed']] as const)(
    'that ended as %s and says which service let it down has failed with its code',
    async (outcome) => {
      const world = aWorld();
      world.answer = { failure: { text: 'the model does not answer', code: 'DEP_API_UNAVAILABLE' } };
      world.agent = () => ({ outcome, message: 'exit code 7' });
      expect(await attempt(world, underWay([anAgent('Deploy')]))).toMatchObject([
        { outcome: 'unavailable', code: 'DEP_API_UNAVAILABLE', message: 'the model does not answer' },
      ]);
    },
  );

  test('that says when its service answers again is recorded with that time', async () => {
    const world = aWorld();
    world.answer = { failure: { text: 'no quota', code: 'DEP_QUOTA', retry_after: '90s' } };
    const retryAt = new Date(world.clock.now() + 90_000).toISOString();
    expect(await attempt(world, underWay([anAgent('Deploy')]))).toMatchObject([
      { outcome: 'quota', retryAt },
    ]);
    world.answer = undefined;
    world.agent = () => ({ outcome: 'overloaded', retryAt });
    expect(await attempt(world, underWay([anAgent('Deploy')]))).toMatchObject([
      { outcome: 'overloaded', retryAt },
    ]);
  });

  test('is made by the runner that takes over, with its own model, and in a session only of its own', async () => {
    const world = aWorld();
    const stage = anAgent('x', { work: { kind: 'agent', agent: 'deployer', task: 'x', model: 'large' } });
    const asked = settings({ runner: 'first', fallbackRunners: ['second'] });
    const state = underWay([stage], [], { settings: asked });
    const over = { attempt: 2, runner: 'second', runnerReason: 'first has no quota left', sessionId: 's1' };
    const work = { kind: 'attempt', stage: 'deploy', frame: 0, findings: [], ...over } as const;
    const started = createPipelineWork(world).started(work, state);
    expect(started).toMatchObject({
      runner: 'second',
      runners: ['first', 'second'],
      runnerReason: over.runnerReason,
    });
    expect(started).not.toHaveProperty('model');
    await attempt(world, state, over);
    expect(world.agents[0]).toMatchObject({ sessionId: 's1' });
    expect(world.agents[0]).not.toHaveProperty('model');
    const opened = {
      type: 'session.opened',
      stage: 'deploy',
      frame: 0,
      attempt: 1,
      sessionId: 's1',
    } as const;
    happens(state, opened);
    await attempt(world, state, over);
    expect(world.agents[1]).not.toHaveProperty('sessionId');
  });

  test('is given the answer to its question', async () => {
    const world = aWorld();
    await attempt(world, deploying(), { attempt: 2, question: 'which region?', answer: 'north' });
    expect(world.agents[0]?.prompt).toMatch(/which region\?[\s\S]*north/);
  });

  test('reports its session as soon as it is known, and every step to whoever watches', async () => {
    const world = aWorld();
    const reported: RunEventBody[] = [];
    world.agent = (_order, onEvent) => {
      onEvent({ type: 'started', sessionId: 'session-1' });
      expect(reported).toEqual([
        { type: 'session.opened', stage: 'deploy', frame: 0, attempt: 1, sessionId: 'session-1' },
      ]);
      onEvent({ type: 'message', text: 'working' });
      return { outcome: 'crashed', message: 'exit code 1' };
    };
    const work = { kind: 'attempt', stage: 'deploy', frame: 0, attempt: 1, findings: [] } as const;
    await perform(world, deploying(), work, (events) => reported.push(...events));
    expect(world.watched.at(-1)).toEqual(['deploy', 0, 1, { type: 'message', text: 'working' }]);
  });

  test('starts nobody when its task needs an output that was not given', async () => {
    const world = aWorld();
    const events = await attempt(world, underWay([build, release], succeeds('build'), { declared }));
    expect(events).toMatchObject([
      { outcome: 'missing-input', message: '${stages.build.outputs.version} has no value' },
    ]);
    expect(world.agents).toEqual([]);
  });

  test('does not see outputs of a stage that failed, though the run went on', async () => {
    const world = aWorld();
    const failed: RunEventBody[] = [
      ...built.slice(0, -1),
      { type: 'stage.finished', stage: 'build', status: 'failed', code: 'STAGE_FAILED' },
    ];
    const stages = [{ ...build, onFailure: 'continue' as const }, release];
    expect(await attempt(world, underWay(stages, failed, { declared }))).toMatchObject([
      { outcome: 'missing-input' },
    ]);
  });

  test('that says it failed has failed, whatever it left', async () => {
    const world = aWorld();
    world.answer = { failure: { text: `no way to deploy with ${SECRET}` } };
    expect(await attempt(world, deploying())).toEqual([
      {
        type: 'attempt.generated',
        stage: 'deploy',
        frame: 0,
        attempt: 1,
        logFile: '/state/deploy/0-1.log',
        outcome: 'failed',
        message: 'no way to deploy with ***',
      },
    ]);
  });

  test('that asks is not checked, and shows no secret by asking', async () => {
    const world = aWorld();
    world.answer = { question: { text: `is ${SECRET} right?` } };
    expect(await attempt(world, deploying())).toMatchObject([
      { type: 'attempt.generated', outcome: 'ok', question: 'is *** right?' },
    ]);
  });

  test('that crashed says so; what it had begun to answer does not count', async () => {
    const world = aWorld();
    world.answer = { question: { text: 'which one?' } };
    world.agent = () => ({ outcome: 'crashed', message: 'exit code 1', exitCode: 1 });
    const [event, ...more] = await attempt(world, deploying());
    expect([event, more]).toMatchObject([{ outcome: 'crashed', message: 'exit code 1' }, []]);
    expect(event).not.toHaveProperty('question');
  });

  test.each(['timeout', 'stalled', 'cancelled', 'quota'] as const)(
    'that ends by %s is not checked',
    async (outcome) => {
      const world = aWorld();
      world.agent = () => ({ outcome, message: 'why' });
      expect(await attempt(world, deploying())).toMatchObject([{ outcome }]);
    },
  );

  test('may take as long as the run says, of its stage before all stages', async () => {
    const world = aWorld();
    const taking = (given: Parameters<typeof settings>[0]) =>
      attempt(world, underWay([anAgent('x')], [], { settings: settings(given) }));
    await taking({ stageTimeoutMs: 5 });
    await taking({ stageTimeoutMs: 5, stageTimeouts: { deploy: 7, other: 9 } });
    expect(world.agents.map(({ timeoutMs }) => timeoutMs)).toEqual([5, 7]);
  });

  test('runs on what the run, the stage and the role say, and within what may still be spent', async () => {
    const world = aWorld();
    const stage = anAgent('x', { work: { kind: 'agent', agent: 'deployer', task: 'x', model: 'large' } });
    await attempt(world, underWay([stage]));
    const asked = settings({ runner: 'other', model: 'small', limits: { maxCostMicroUsd: 900 } });
    Object.assign(world, { spending: createSpending() });
    await attempt(world, underWay([stage], [], { settings: asked }));
    expect(world.agents.map(({ model, maxCostMicroUsd }) => [model, maxCostMicroUsd])).toEqual([
      ['large', undefined],
      ['small', 900],
    ]);
    const work = { kind: 'attempt', stage: 'deploy', frame: 0, attempt: 1, findings: [] } as const;
    expect(createPipelineWork(world).started(work, aRun([stage], [], { settings: asked }))).toEqual({
      type: 'attempt.started',
      stage: 'deploy',
      frame: 0,
      attempt: 1,
      agent: 'deployer',
      runner: 'other',
      model: 'small',
    });
  });

  test('costs what the configuration says where its runner does not tell', async () => {
    const models = { small: { input: 1, output: 10 } };
    const world = aWorld({ costs: costConfigSchema.parse({ models }) });
    world.agent = () => ({ outcome: 'ok', model: 'small', usage: { input: 1_000_000, output: 100_000 } });
    expect(await attempt(world, underWay([anAgent('x')]))).toMatchObject([
      { usage: { costMicroUsd: 2_000_000 } },
      {},
    ]);
  });

  test('knows the item of its frame', async () => {
    const world = aWorld();
    const stage = anAgent('Deploy ${item}', { foreach: ['deploy 1', 'deploy 2'] });
    await attempt(world, aRun([stage], [started('deploy', 2)]), { frame: 1 });
    expect(world.agents[0]?.job).toMatchObject({ item: 'deploy 2', task: 'Deploy deploy 2' });
  });
});

describe('what the world refuses', () => {
  const full = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, mkdir '/state'"), {
      code: 'ENOSPC',
      syscall: 'mkdir',
      path: '/state',
    });
  };

  test('on a full disk becomes a problem that names the place', async () => {
    const work = { kind: 'attempt', stage: 'deploy', frame: 0, attempt: 1, findings: [] } as const;
    const { signal } = new AbortController();
    const done = createPipelineWork(aWorld({ places: full })).perform(work, deploying(), signal, () => {});
    expect(await done).toMatchObject({ ok: false, error: { code: 'SYS_WRITE_ERROR', file: '/state' } });
  });

  test('about a prompt or a runner ends the run with its reason', async () => {
    const gone = fail({ code: 'not-found', message: 'there is no prompt stage' });
    await expect(attempt(aWorld({ prompt: async () => gone }), deploying())).rejects.toThrow(
      'no prompt stage',
    );
    const runner = () => fail({ code: 'unknown-runner', message: 'no runner nobody' });
    await expect(attempt(aWorld({ runner }), deploying())).rejects.toThrow('no runner nobody');
  });
});

describe('a question', () => {
  const work = {
    kind: 'ask-question',
    stage: 'deploy',
    frame: 0,
    attempt: 1,
    question: 'which one?',
  } as const;

  test('waits when nobody is there, or nobody answers', async () => {
    expect(await perform(aWorld(), deploying(), work)).toEqual([]);
    const silent = { present: true, answer: async () => undefined };
    expect(await perform(aWorld({ person: silent }), deploying(), work)).toEqual([]);
  });

  test('is answered by whoever is there', async () => {
    const person = { present: true, answer: async (stage: string, text: string) => `${stage}: ${text} this` };
    expect(await perform(aWorld({ person }), deploying(), work)).toEqual([
      { type: 'question.answered', stage: 'deploy', frame: 0, attempt: 1, answer: 'deploy: which one? this' },
    ]);
  });
});
