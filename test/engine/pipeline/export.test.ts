import { describe, expect, test } from 'vitest';
import type { Export } from '../../../src/core/pipeline/definition.ts';
import { fail } from '../../../src/core/result.ts';
import type { RunCreated, RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import type { CommandOutcome } from '../../../src/engine/ports.ts';
import { aPipeline, created, EXECUTION, happens, stateAfter, succeeds } from '../../rig/run-builder.ts';
import { aCommand, aWorld, type FakeWorld, perform, SECRET } from './pipeline-world.ts';

const draw = aCommand('true', { name: 'draw', outputs: ['sheet'] });
const close = { kind: 'close' } as const;

/** A run whose only stage has succeeded, and that exports as said. */
function drawn(
  exported: Partial<Export>,
  outputs: Record<string, string> = { sheet: 'blaze idle' },
  special: Partial<RunCreated> = {},
): RunState {
  const definition: Export = { location: 'out', files: [], timeoutMs: 9_000, ...exported };
  const pipeline = aPipeline([draw], { export: definition, variables: { name: 'blaze' } });
  return stateAfter(created(pipeline, special), ...succeeds('draw', outputs));
}

/** A world in which the first command leaves these files. */
function leaving(...files: string[]): FakeWorld {
  const world = aWorld();
  world.command = () => {
    for (const file of files) world.files.set(file, '');
    return {};
  };
  return world;
}

async function closed(world: FakeWorld, state: RunState): Promise<RunEventBody | undefined> {
  const [event, ...more] = await perform(world, state, close);
  expect(more).toEqual([]);
  return event;
}

const failed = { type: 'run.closed', outcome: 'failed', files: [], validationPassed: false };

describe('an export', () => {
  test('makes its place, fills it, and names the files that are there in the end', async () => {
    const world = leaving('out/b.png', 'out/deep/a.json', 'src/c.png');
    expect(await closed(world, drawn({ run: './pack.sh' }))).toEqual({
      type: 'run.closed',
      outcome: 'exported',
      location: 'out/',
      files: ['b.png', 'deep/a.json'],
      validationPassed: true,
      logFile: '/state/export/run.log',
    });
    expect(world.made).toEqual(['out']);
    expect(world.orders).toEqual([
      {
        runId: EXECUTION,
        commandLine: './pack.sh',
        cwd: '/project',
        env: {
          MURMUR8_RUN_ID: EXECUTION,
          MURMUR8_PIPELINE: 'sample',
          MURMUR8_JOB: 'export',
          MURMUR8_EXPORT: '/project/out',
          MURMUR8_ANSWER: '/state/export/run.answer',
        },
        timeoutMs: 9_000,
        logFile: '/state/export/run.log',
        scratchDir: '/scratch',
      },
    ]);
  });

  test('knows the variables of the run and what its stages have given out, as data', async () => {
    const world = leaving('runs/blaze/x');
    const sheet = '"; rm -rf / #$(reboot)`id`\n';
    const state = drawn(
      {
        location: './runs//${name}/',
        run: './pack.sh "${stages.draw.outputs.sheet}" ${run.id}',
        validate: 'ls ${name}',
      },
      { sheet },
    );
    expect(await closed(world, state)).toMatchObject({
      outcome: 'exported',
      location: 'runs/blaze/',
      files: ['x'],
    });
    expect(world.orders.map(({ commandLine }) => commandLine)).toEqual([
      './pack.sh "${MURMUR8_VAR_stages_draw_outputs_sheet}" "${MURMUR8_VAR_run_id}"',
      'ls "${MURMUR8_VAR_name}"',
    ]);
    expect(world.orders[0]?.env).toMatchObject({ MURMUR8_VAR_stages_draw_outputs_sheet: sheet });
    expect(world.orders[1]?.env).toMatchObject({
      MURMUR8_JOB: 'validate',
      MURMUR8_EXPORT: '/project/runs/blaze',
      MURMUR8_VAR_name: 'blaze',
    });
  });

  test('looks for its files where the links of its place lead', async () => {
    const world = aWorld({ makeDirectory: async () => ({ ok: true, value: 'real/place' }) });
    world.files.set('real/place/a.png', '');
    expect(await closed(world, drawn({ run: 'true' }))).toMatchObject({ location: 'out/', files: ['a.png'] });
    expect(world.orders[0]?.env['MURMUR8_EXPORT']).toBe('/project/real/place');
  });

  test('needs no command where the stages have filled its place', async () => {
    const world = aWorld();
    world.files.set('out/a.png', '');
    const event = await closed(world, drawn({ files: ['*.png'] }));
    expect(event).toMatchObject({ outcome: 'exported', files: ['a.png'], validationPassed: true });
    expect(event).not.toHaveProperty('logFile');
    expect(world.orders).toEqual([]);
  });

  test('takes the files that its globs find, and needs one for each', async () => {
    const world = leaving('out/b.png', 'out/a.png', 'out/a.json', 'out/a.tmp');
    const state = drawn({ run: './pack.sh', files: ['*.json', '*.png', '!b.*'] });
    expect(await closed(world, state)).toMatchObject({ files: ['a.json', 'a.png'] });
    expect(
      await closed(world, drawn({ run: './pack.sh', files: ['*.png', '*.xml', 'b/*', '!b.*'] })),
    ).toEqual({
      ...failed,
      code: 'OUTPUT_INVALID',
      message: 'the export has left no file *.xml, b/* in out',
      logFile: '/state/export/run.log',
    });
  });

  test('is rather refused than cut short when there are too many files', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => String(index));
    const world = aWorld({
      find: async (_globs, _place, limit) => ({ ok: true, value: many.slice(0, limit) }),
    });
    expect(await closed(world, drawn({}))).toMatchObject({
      ...failed,
      code: 'OUTPUT_INVALID',
      message: expect.stringContaining('more than 10000 exported files in out'),
    });
  });

  test('that cannot look into its place fails', async () => {
    const find = async () => fail({ code: 'x', message: 'cannot look into', file: 'out' });
    for (const files of [[], ['*.png']])
      expect(await closed(aWorld({ find }), drawn({ files }))).toMatchObject({
        ...failed,
        code: 'OUTPUT_INVALID',
      });
  });
});

describe('the place of an export', () => {
  test.each(['../x', 'out/../../x', '/etc', '${up}/x', '${absolute}'])(
    'cannot lie outside of the project: %s',
    async (location) => {
      const world = aWorld();
      const variables = { up: '..', absolute: '/etc' };
      expect(await closed(world, drawn({ location, run: './pack.sh' }, {}, { variables }))).toMatchObject({
        ...failed,
        code: 'SYS_WRITE_ERROR',
        message: expect.stringContaining('leaves the project'),
      });
      expect([world.made, world.orders]).toEqual([[], []]);
    },
  );

  test('that cannot be made is named', async () => {
    const makeDirectory = async () => fail({ code: 'outside-project', message: 'leads out of the project' });
    const world = aWorld({ makeDirectory });
    expect(await closed(world, drawn({ run: './pack.sh' }))).toEqual({
      ...failed,
      code: 'SYS_WRITE_ERROR',
      message:
        'the location of the export cannot be made: out: leads out of the project (correct location: of the export, or what stands in its way)',
    });
    expect(world.orders).toEqual([]);
  });

  test('needs every value that stands in it', async () => {
    expect(await closed(aWorld(), drawn({ location: '${stages.draw.outputs.sheet}' }, {}))).toMatchObject({
      ...failed,
      code: 'OUTPUT_INVALID',
      message: expect.stringContaining('${stages.draw.outputs.sheet}'),
    });
  });
});

describe('a command that fills the place of an export', () => {
  const fillingEnds = async (
    outcome: Partial<CommandOutcome>,
    different: Partial<Export> = {},
    answer?: unknown,
  ) => {
    const world = aWorld();
    world.answer = answer;
    world.command = () => outcome;
    const event = await closed(world, drawn({ run: './pack.sh', validate: './validate.sh', ...different }));
    expect(world.orders).toHaveLength(1);
    return event;
  };

  test('ends the run where it fails, as the failure of the tool that it calls', async () => {
    const outcome = { outcome: 'failed', exitCode: 2, stderr: `no licence ${SECRET}\n` } as const;
    expect(await fillingEnds(outcome)).toEqual({
      ...failed,
      code: 'STAGE_FAILED',
      message: 'the export failed: exit code 2: no licence ***',
      logFile: '/state/export/run.log',
    });
    expect(await fillingEnds(outcome, { dependency: 'texturepacker' })).toMatchObject({
      code: 'DEP_TEXTUREPACKER_FAIL',
    });
  });

  test.each([
    ['timeout', 'not done after 9000 ms'],
    ['stalled', 'silent for longer than 10 ms'],
    ['output-limit', 'printed more than is allowed'],
    ['spawn-error', 'could not be started'],
  ] as const)('ends the run where it ends by %s', async (outcome, message) => {
    expect(await fillingEnds({ outcome, message }, { dependency: 'packer' })).toMatchObject({
      ...failed,
      code: 'DEP_PACKER_FAIL',
      message: `the export failed: ${message}`,
    });
  });

  test('may say why it failed, and with which code', async () => {
    const answer = { failure: { text: 'the licence server is away', code: 'DEP_API_UNAVAILABLE' } };
    for (const outcome of ['failed', 'ok'] as const)
      expect(await fillingEnds({ outcome }, { dependency: 'packer' }, answer)).toMatchObject({
        ...failed,
        code: 'DEP_API_UNAVAILABLE',
        message: 'the export failed: the licence server is away',
      });
  });

  test('is not begun without its values', async () => {
    const world = aWorld();
    expect(await closed(world, drawn({ run: 'echo ${stages.draw.outputs.sheet}' }, {}))).toMatchObject({
      ...failed,
      code: 'OUTPUT_INVALID',
      message: expect.stringContaining('${stages.draw.outputs.sheet}'),
    });
    expect(world.orders).toEqual([]);
  });

  test('may be silent for as long as the run says', async () => {
    const world = aWorld();
    const state = drawn({ run: './pack.sh' });
    await perform(
      world,
      { ...state, pipeline: { ...state.pipeline, limits: { stallTimeoutMs: 500 } } },
      close,
    );
    expect(world.orders[0]?.stallTimeoutMs).toBe(500);
  });
});

describe('the validation of an export', () => {
  async function validated(outcome: Partial<CommandOutcome>, answer?: unknown) {
    const world = aWorld();
    world.files.set('out/a.png', '');
    world.command = () => outcome;
    world.answer = answer;
    return closed(world, drawn({ validate: './validate.sh', dependency: 'packer' }));
  }

  test('passes with exit code 0', async () => {
    expect(await validated({})).toEqual({
      type: 'run.closed',
      outcome: 'exported',
      location: 'out/',
      files: ['a.png'],
      validationPassed: true,
      logFile: '/state/export/validate.log',
    });
  });

  test.each([
    [
      { outcome: 'failed', exitCode: 3, stdout: `a.png is empty ${SECRET}\n` },
      'exit code 3: a.png is empty ***',
    ],
    [{ outcome: 'failed', exitCode: 127 }, 'exit code 127'],
    [{ outcome: 'timeout', message: 'not done after 9000 ms' }, 'not done after 9000 ms'],
  ] as const)('that ends as %j does not take the files away', async (outcome, message) => {
    expect(await validated(outcome)).toEqual({
      type: 'run.closed',
      outcome: 'exported',
      location: 'out/',
      files: ['a.png'],
      validationPassed: false,
      message: `the validation did not pass: ${message}`,
      logFile: '/state/export/validate.log',
    });
  });

  test('may say what is wrong', async () => {
    expect(await validated({}, { failure: { text: 'a.png is upside down' } })).toMatchObject({
      validationPassed: false,
      message: 'the validation did not pass: a.png is upside down',
    });
  });
});

describe('an export that is stopped', () => {
  test('has not happened, whichever command was at work, and is made again with logs of its own', async () => {
    for (const stoppedAt of ['export', 'validate']) {
      const world = aWorld();
      world.files.set('out/a.png', '');
      world.command = ({ env }) => ({ outcome: env['MURMUR8_JOB'] === stoppedAt ? 'cancelled' : 'ok' });
      const state = drawn({ run: './pack.sh', validate: './validate.sh' });
      expect(await perform(world, state, close)).toEqual([]);
      const again = happens(state);
      again.runIds.push('e0000000-0000-4000-8000-000000000002');
      world.command = () => ({});
      expect(await closed(world, again)).toMatchObject({
        outcome: 'exported',
        logFile: '/state/export/validate-2.log',
      });
    }
  });
});
