import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { fail } from '../../../src/core/result.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import { succeeds } from '../../rig/run-builder.ts';
import { aCommand, aRun, aWorld, perform } from './pipeline-world.ts';

const open = { kind: 'open', stage: 'deploy' } as const;
const list = aCommand('true', { name: 'list', outputs: ['items'] });

type Foreach = NonNullable<Stage['foreach']>;

/** Titles of the frames, or why there are none. */
async function items(
  foreach: Foreach,
  around: { world?: ReturnType<typeof aWorld>; output?: string; declared?: Record<string, string> } = {},
): Promise<readonly string[] | string | undefined> {
  const { world = aWorld(), output, declared } = around;
  const outputs = output === undefined ? {} : { items: output };
  const stages = [list, aCommand('echo ${item}', { needs: ['list'], foreach })];
  const state = aRun(stages, succeeds('list', outputs), declared === undefined ? {} : { declared });
  const [event, ...more] = await perform(world, state, open);
  expect(more).toEqual([]);
  if (event?.type === 'stage.started') return event.frames.map(({ title }) => title);
  expect(event).toMatchObject({
    type: 'stage.finished',
    stage: 'deploy',
    status: 'failed',
    code: 'OUTPUT_INVALID',
  });
  return event?.type === 'stage.finished' ? event.message : undefined;
}

/** The problem for which the run ends, as its items are taken from a file. */
async function manifestProblem(foreach: string, world: ReturnType<typeof aWorld>): Promise<Problem> {
  const state = aRun([aCommand('echo ${item}', { foreach })]);
  const opened = await createPipelineWork(world).perform(open, state, new AbortController().signal, () => {});
  if (opened.ok) throw new Error('it was opened');
  return opened.error;
}

const OUTPUT = '${stages.list.outputs.items}';

describe('the items of a stage', () => {
  test('without foreach are the stage itself', async () => {
    expect(await perform(aWorld(), aRun([aCommand('true')]), open)).toEqual([
      { type: 'stage.started', stage: 'deploy', frames: [{ title: 'deploy' }] },
    ]);
  });

  test('stand in a list, with values filled in that are not read again', async () => {
    const declared = { region: 'north, ${south}' };
    expect(await items(['a', '${region}', 'a', '*.ts'], { declared })).toEqual([
      'a',
      'north, ${south}',
      'a',
      '*.ts',
    ]);
  });

  test('are the files that a glob finds, in order', async () => {
    const world = aWorld();
    for (const path of ['src/b.ts', 'src/a.ts', 'src/a.js', 'test/c.ts']) world.files.set(path, '');
    expect(await items('src/*.ts', { world })).toEqual(['src/a.ts', 'src/b.ts']);
    expect(await items('lib/**', { world })).toEqual([]);
  });

  test('are found by a glob that begins with a variable', async () => {
    const world = aWorld();
    world.files.set('src/a.ts', '').set('src/b.ts', '');
    expect(await items('${where}/*.ts', { world, declared: { where: 'src' } })).toEqual([
      'src/a.ts',
      'src/b.ts',
    ]);
  });

  test('are found below a directory with a strange name', async () => {
    const world = aWorld();
    world.files.set('app/[id]/page.ts', '').set('app/i/page.ts', '');
    const declared = { where: 'app/[id]' };
    expect(await items('${where}/*.ts', { world, declared })).toEqual(['app/[id]/page.ts']);
  });

  test.each(['src/[a', '/src/*', '!src/*', 'src/***'])(
    'cannot be had from %s, which would find nothing and look like no work',
    async (glob) => {
      const world = aWorld();
      world.files.set('src/a', '');
      expect(await items(glob, { world })).toContain(`foreach: ${glob}: `);
    },
  );

  test('stand in a JSON file', async () => {
    const world = aWorld();
    world.files.set('regions.json', ' ["north", 7]\n').set('none.json', '[]');
    expect(await items('regions.json', { world })).toEqual(['north', '7']);
    expect(await items('${which}.json', { world, declared: { which: 'regions' } })).toEqual(['north', '7']);
    expect(await items('none.json', { world })).toEqual([]);
  });

  test.each([
    ['is not there', undefined, 'there is no such file, and foreach of deploy takes its items from it'],
    ['is empty', '', 'is no JSON array'],
    ['is no JSON', 'north\nsouth\n', 'is no JSON array'],
    ['is no list', '{"regions": ["north"]}', 'is no JSON array'],
    ['is cut short', '["north"', 'is no JSON array: line 1, column 9'],
    ['has a mistake', '["north",\n  "south" "east"]', 'is no JSON array: line 2, column 11'],
    ['is binary', '\0\ufffd\u0001', 'is no JSON array'],
    [
      'holds objects',
      '["north", {"south": 1}]',
      'holds something that is neither text nor a number, as item 2: an object',
    ],
    ['holds nothing', '[null]', 'holds something that is neither text nor a number, as item 1: null'],
    ['holds lists', '[["north"]]', 'holds something that is neither text nor a number, as item 1: a list'],
    ['holds truths', '[true]', 'holds something that is neither text nor a number, as item 1: a boolean'],
  ])('cannot be had from a JSON file that %s, which ends the run', async (_what, text, message) => {
    const world = aWorld();
    if (text !== undefined) world.files.set('regions.json', text);
    expect(await manifestProblem('regions.json', world)).toEqual({
      code: 'SYS_MANIFEST_INVALID',
      message,
      file: 'regions.json',
      hint: 'make it a JSON array of texts and numbers',
    });
  });

  test('stand in an output, as lines', async () => {
    expect(await items(OUTPUT, { output: 'north\r\n\n  \nsouth [1]\n' })).toEqual(['north', 'south [1]']);
    expect(await items(OUTPUT, { output: '' })).toEqual([]);
    expect(await items(OUTPUT, { output: '{"a": 1}' })).toEqual(['{"a": 1}']);
  });

  test('stand in an output, as JSON', async () => {
    expect(await items(OUTPUT, { output: '\n["a\\nb", 1.5]' })).toEqual(['a\nb', '1.5']);
    expect(await items(OUTPUT, { output: '["a", null]' })).toContain('neither text nor a number');
    expect(await items(OUTPUT, { output: '[a]' })).toContain(`${OUTPUT} is no JSON array`);
  });

  test('cannot be had from an output that was not given', async () => {
    expect(await items(OUTPUT)).toContain(`${OUTPUT} has no value`);
    expect(await items(['a', OUTPUT])).toContain(`${OUTPUT} has no value`);
  });

  test('are rather refused than cut short when there are too many', async () => {
    const many = Array.from({ length: 100_001 }, (_, index) => index);
    const world = aWorld({
      find: async (_globs, _directory, limit) => ({ ok: true, value: many.slice(0, limit).map(String) }),
    });
    world.files.set('many.json', JSON.stringify(many));
    expect(await manifestProblem('many.json', world)).toMatchObject({
      code: 'SYS_MANIFEST_INVALID',
      message: 'foreach of deploy gives more than 100000 items',
    });
    expect(await items('src/*', { world })).toBe('foreach of deploy gives more than 100000 items');
    world.files.set('many.json', JSON.stringify(many.slice(1)));
    expect(await items('many.json', { world })).toHaveLength(100_000);
  });

  test('cannot be had where the project cannot be read', async () => {
    const outside = async () => fail({ code: 'outside-project', message: 'leads out of the project' });
    expect(await manifestProblem('../secrets.json', aWorld({ readFile: outside }))).toMatchObject({
      code: 'SYS_MANIFEST_INVALID',
      message: 'leads out of the project',
      file: '../secrets.json',
    });
    expect(await items('../*', { world: aWorld({ find: outside }) })).toBe('leads out of the project');
  });
});
