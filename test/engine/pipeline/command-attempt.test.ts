import { describe, expect, test } from 'vitest';
import { fail } from '../../../src/core/result.ts';
import { EXECUTION, generated, happens, started, succeeds } from '../../rig/run-builder.ts';
import { aCommand, aRun, attempt, aWorld, perform, SECRET, underWay } from './pipeline-world.ts';

const build = aCommand('true', { name: 'build', outputs: ['version'] });
const afterBuild = { needs: ['build'] };

describe('an attempt at a command', () => {
  test('gives it the command line, its place, its time and what the engine says', async () => {
    const world = aWorld();
    const stage = aCommand('./deploy.sh', { environment: 'staging', timeoutMs: 5_000 });
    const events = await attempt(world, underWay([stage]));
    expect(world.orders).toEqual([
      {
        runId: EXECUTION,
        commandLine: './deploy.sh',
        cwd: '/project',
        env: {
          MURMUR8_RUN_ID: EXECUTION,
          MURMUR8_PIPELINE: 'sample',
          MURMUR8_STAGE: 'deploy',
          MURMUR8_JOB: 'work',
          MURMUR8_FRAME: '0',
          MURMUR8_ATTEMPT_NUMBER: '1',
          MURMUR8_OUTPUT: '/state/deploy/0-1.outputs',
          MURMUR8_ANSWER: '/state/deploy/0-1.answer',
          MURMUR8_ENVIRONMENT: 'staging',
        },
        timeoutMs: 5_000,
        logFile: '/state/deploy/0-1.log',
        scratchDir: '/scratch',
      },
    ]);
    expect(events).toEqual([
      {
        type: 'attempt.generated',
        stage: 'deploy',
        frame: 0,
        attempt: 1,
        outcome: 'ok',
        exitCode: 0,
        logFile: '/state/deploy/0-1.log',
      },
      { type: 'attempt.judged', stage: 'deploy', frame: 0, attempt: 1, verdict: 'approved', findings: [] },
    ]);
  });

  test('takes the time limit of the run before its own', async () => {
    const world = aWorld();
    const state = underWay([aCommand('true')]);
    await attempt(world, { ...state, settings: { ...state.settings, stageTimeoutMs: 7_000 } });
    expect(world.orders[0]?.timeoutMs).toBe(7_000);
  });

  test('passes values as environment variables, never as words of the command', async () => {
    const world = aWorld();
    const stage = aCommand('./deploy.sh "${branch}" ${stages.build.outputs.version} "$HOME"', afterBuild);
    const value = '$(rm -rf /); "`';
    const state = underWay([build, stage], succeeds('build', { version: value }), {
      declared: { branch: 'main' },
      variables: { branch: "it's; rm" },
    });
    await attempt(world, state);
    const [order] = world.orders;
    expect(order?.commandLine).toBe(
      './deploy.sh "${MURMUR8_VAR_branch}" "${MURMUR8_VAR_stages_build_outputs_version}" "$HOME"',
    );
    expect(order?.env).toMatchObject({
      MURMUR8_VAR_branch: "it's; rm",
      MURMUR8_VAR_stages_build_outputs_version: value,
    });
  });

  test('fills in the variables of the stage, which cannot stand for those of the engine', async () => {
    const world = aWorld();
    const env = { TARGET: 'to ${branch}', MURMUR8_RUN_ID: 'mine', MURMUR8_VAR_branch: 'mine' };
    await attempt(
      world,
      underWay([aCommand('echo ${branch}', { env })], [], { declared: { branch: 'main' } }),
    );
    expect(world.orders[0]?.env).toMatchObject({
      TARGET: 'to main',
      MURMUR8_RUN_ID: EXECUTION,
      MURMUR8_VAR_branch: 'main',
    });
  });

  test('fills in the label of its environment, wherever that is told', async () => {
    const world = aWorld();
    const stage = aCommand('./deploy.sh ${stage.environment} ${environment}', { environment: 'on ${where}' });
    const declared = { where: 'staging', environment: 'a variable' };
    await attempt(world, underWay([stage], [], { declared }));
    expect(world.orders[0]?.env).toMatchObject({
      MURMUR8_ENVIRONMENT: 'on staging',
      MURMUR8_VAR_stage_environment: 'on staging',
      MURMUR8_VAR_environment: 'a variable',
    });
  });

  test.each([
    ['src/web', '/project/src/web'],
    ['./src//web/', '/project/src/web'],
    ['src/${part}', '/project/src/web'],
  ])('works in the directory %s', async (workingDirectory, cwd) => {
    const world = aWorld();
    world.files.set('src/web/index.html', '');
    await attempt(
      world,
      underWay([aCommand('true', { workingDirectory })], [], { declared: { part: 'web' } }),
    );
    expect(world.orders[0]?.cwd).toBe(cwd);
  });

  test.each([
    ['lies outside of the project', { workingDirectory: 'src/${part}' }, 'leaves the project'],
    ['is absolute', { workingDirectory: '${root}' }, 'leaves the project'],
    ['is not there', { workingDirectory: 'dist' }, 'dist is no directory'],
  ])('starts nothing when its directory %s', async (_what, stage, message) => {
    const world = aWorld();
    world.files.set('src/web/index.html', '');
    const state = underWay([aCommand('true', stage)], [], { declared: { part: '../../..', root: '/etc' } });
    const events = await attempt(world, state);
    expect(events).toMatchObject([{ outcome: 'missing-input', message: expect.stringContaining(message) }]);
    expect(world.orders).toEqual([]);
  });

  test.each([
    ['command', aCommand('echo ${stages.build.outputs.version}', afterBuild)],
    ['variables', aCommand('true', { ...afterBuild, env: { V: '${stages.build.outputs.version}' } })],
    ['directory', aCommand('true', { ...afterBuild, workingDirectory: '${stages.build.outputs.version}' })],
    ['environment', aCommand('true', { ...afterBuild, environment: '${stages.build.outputs.version}' })],
  ])('starts nothing when an output is missing that its %s needs', async (_what, stage) => {
    const world = aWorld();
    const events = await attempt(world, underWay([build, stage], succeeds('build')));
    expect(events).toMatchObject([
      { outcome: 'missing-input', message: expect.stringContaining('${stages.build.outputs.version}') },
    ]);
    expect(world.orders).toEqual([]);
  });

  test.each([
    ['a NUL', 'a\0b', 'NUL'],
    ['more than fits', 'x'.repeat(200_000), 'too long'],
  ])('starts nothing when a variable would hold %s', async (_what, version, message) => {
    const world = aWorld();
    const stage = aCommand('true', { ...afterBuild, env: { V: '${stages.build.outputs.version}' } });
    const events = await attempt(world, underWay([build, stage], succeeds('build', { version })));
    expect(events).toMatchObject([{ outcome: 'missing-input', message: expect.stringContaining(message) }]);
    expect(world.orders).toEqual([]);
  });

  test('knows the item of its frame', async () => {
    const world = aWorld();
    const stage = aCommand('./deploy.sh ${item}', { foreach: ['deploy 1', 'deploy 2'] });
    const state = aRun([stage], [started('deploy', 2)]);
    await attempt(world, state, { frame: 1 });
    expect(world.orders[0]).toMatchObject({
      commandLine: './deploy.sh "${MURMUR8_VAR_item}"',
      env: { MURMUR8_ITEM: 'deploy 2', MURMUR8_VAR_item: 'deploy 2' },
      logFile: '/state/deploy/1-1.log',
    });
  });

  test.each([
    [
      { exitCode: 3, stderr: 'one\nconnection refused\n\n', stdout: 'fine\n' },
      'exit code 3: connection refused',
    ],
    [{ exitCode: 3, stderr: ' \n', stdout: 'one\ntwo\n' }, 'exit code 3: two'],
    [{ exitCode: 3 }, 'exit code 3'],
    [{ exitCode: 3, stderr: 'x'.repeat(900) }, `exit code 3: ${'x'.repeat(300)}`],
    [{ message: 'ended by signal SIGKILL' }, 'ended by signal SIGKILL'],
  ])('that fails says why: %j', async (outcome, message) => {
    const world = aWorld();
    world.command = () => ({ outcome: 'failed', ...outcome });
    const events = await attempt(world, underWay([aCommand('false')]));
    expect(events).toMatchObject([{ type: 'attempt.generated', outcome: 'failed', message }]);
  });

  test.each([
    ['timeout', 'not done after 5000 ms'],
    ['output-limit', 'printed more than is allowed'],
    ['spawn-error', 'could not be started'],
  ] as const)('that ends by %s is not judged', async (outcome, message) => {
    const world = aWorld();
    world.command = () => ({ outcome, message });
    const events = await attempt(world, underWay([aCommand('true', { outputs: ['version'] })]));
    expect(events).toMatchObject([{ type: 'attempt.generated', outcome, message }]);
  });

  test('that was cancelled has nothing to explain', async () => {
    const world = aWorld();
    world.command = () => ({ outcome: 'cancelled', exitCode: 143, stderr: 'Terminated\n' });
    const events = await attempt(world, underWay([aCommand('true')]));
    expect(events).toMatchObject([{ outcome: 'cancelled' }]);
    expect(events[0]).not.toHaveProperty('message');
  });
});

describe('the check of what an attempt left', () => {
  const stage = aCommand('true', { outputs: ['version', 'notes'] });

  async function verdict(text: string | undefined, checked = stage) {
    const world = aWorld();
    world.command = ({ env }) => {
      if (text !== undefined) world.left.set(env['MURMUR8_OUTPUT'] ?? '', text);
      return {};
    };
    const [, ...events] = await attempt(world, underWay([checked]));
    return events;
  }

  test('takes the declared outputs, of one line and of many', async () => {
    const text = 'version=1.4.2\nnotes<<END\nfirst = 1\n\nlast\nEND\n';
    expect(await verdict(text)).toEqual([
      {
        type: 'attempt.judged',
        stage: 'deploy',
        frame: 0,
        attempt: 1,
        verdict: 'approved',
        findings: [],
        outputs: { version: '1.4.2', notes: 'first = 1\n\nlast' },
      },
    ]);
  });

  test('takes an empty value for one', async () => {
    expect(await verdict('version=\nnotes=\n')).toMatchObject([{ outputs: { version: '', notes: '' } }]);
  });

  test('names every output that was not given', async () => {
    expect(await verdict(undefined)).toMatchObject([
      {
        verdict: 'rejected',
        code: 'OUTPUT_INVALID',
        findings: [
          expect.stringContaining('the output version was not given'),
          expect.stringContaining('the output notes was not given'),
        ],
      },
    ]);
    expect(await verdict('toString=x\n')).toMatchObject([{ verdict: 'rejected' }]);
  });

  test('leaves out what was not declared, and says so', async () => {
    const events = await verdict('version=1\nnotes=n\nextra=x\n');
    expect(events).toMatchObject([
      { verdict: 'approved', outputs: { version: '1', notes: 'n' } },
      {
        type: 'notice',
        stage: 'deploy',
        message: expect.stringContaining('the output extra is not declared'),
      },
    ]);
  });

  test('tells what cannot be read, where, and how it is written', async () => {
    expect(await verdict('version=1\nnotes are here\n')).toMatchObject([
      {
        verdict: 'rejected',
        code: 'OUTPUT_INVALID',
        findings: [expect.stringMatching(/cannot be read: line 2 .*"notes are here".*key=value/)],
      },
    ]);
  });

  test('takes no secret, and does not repeat it', async () => {
    const events = await verdict(`version=1\nnotes=token ${SECRET}\n`);
    expect(events).toMatchObject([
      { verdict: 'rejected', findings: [expect.stringContaining('the output notes holds')] },
    ]);
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });

  test('looks for declared files in the directory of the stage', async () => {
    const made = aCommand('true', { produces: ['dist/*.js', '*.map'], workingDirectory: 'web' });
    const world = aWorld();
    world.files.set('web/dist/index.js', '').set('index.map', '');
    expect(await attempt(world, underWay([made]))).toMatchObject([
      { outcome: 'ok' },
      {
        verdict: 'rejected',
        code: 'OUTPUT_INVALID',
        findings: ['there is no file *.map, which this stage has to leave'],
      },
    ]);
    world.files.set('web/index.map', '');
    expect(await attempt(world, underWay([made]))).toMatchObject([{}, { verdict: 'approved' }]);
  });

  test('a search that is refused is a finding, not the end of the run', async () => {
    const find = async () => fail({ code: 'too-many-files', message: 'holds more than 500000 files' });
    const events = await attempt(aWorld({ find }), underWay([aCommand('true', { produces: ['**'] })]));
    expect(events).toMatchObject([
      {},
      { verdict: 'rejected', findings: ['** cannot be looked for: holds more than 500000 files'] },
    ]);
  });
});

describe('outputs that cannot be read', () => {
  const tooLarge = async () => fail({ code: 'too-large', message: 'is larger than 1 MB' });
  const stage = aCommand('true', { outputs: ['version'] });
  const finding = {
    verdict: 'rejected',
    code: 'OUTPUT_INVALID',
    findings: [expect.stringContaining('1 MB')],
  };

  test('reject the attempt', async () => {
    const events = await attempt(aWorld({ readLeft: tooLarge }), underWay([stage]));
    expect(events).toMatchObject([{ outcome: 'ok' }, finding]);
  });

  test('also when the check is made alone, after its owner died', async () => {
    const state = underWay([stage]);
    const work = { kind: 'judge', stage: 'deploy', frame: 0, attempt: 1 } as const;
    expect(await perform(aWorld({ readLeft: tooLarge }), state, work)).toMatchObject([finding]);
  });
});

describe('the check alone, after its owner died', () => {
  test('finds what the attempt left, starts nothing, and takes nothing away', async () => {
    const world = aWorld();
    const stage = aCommand('true', { outputs: ['version'], produces: ['*.js'] });
    const state = happens(underWay([stage]), generated('deploy'));
    world.files.set('index.js', '');
    world.left.set('/state/deploy/0-1.outputs', 'version=2\n');
    const work = { kind: 'judge', stage: 'deploy', frame: 0, attempt: 1 } as const;
    for (const _time of [1, 2])
      expect(await perform(world, state, work)).toMatchObject([
        { type: 'attempt.judged', verdict: 'approved', outputs: { version: '2' } },
      ]);
    expect(world.orders).toEqual([]);
  });
});
