import { describe, expect, test } from 'vitest';
import { accepted, errorsOf, stages } from './reading.ts';

const STAGE = '{name: a, run: x}';

describe('YAML that is refused:', () => {
  test.each([
    ['nothing', '', '1:1 the file is empty'],
    ['only a comment', '# a pipeline\n', '1:1 the file is empty'],
    ['two documents', `${stages(STAGE)}---\nname: q\n`, '5:1 a second document begins here'],
    [
      'tabs',
      'name: p\nstages:\n\t- name: a\n',
      '3:1 this is no valid YAML: tab characters must not be used in indentation',
    ],
    ['a list that is never closed', 'name: p\nstages:\n  - name: [one\n', '4:1 this is no valid YAML'],
    ['binary', 'name: p\u0000\u0001\n', '1:8 this is no valid YAML'],
    ['an unknown tag', 'name: !!js/function x\nstages: []\n', '1:7 this is no valid YAML: unknown'],
    [
      'an alias without its anchor',
      'name: *p\nstages: []\n',
      '1:8 this is no valid YAML: unidentified alias "p"',
    ],
    [
      'an alias within itself',
      `x-a: &a {b: *a}\n${stages(STAGE)}`,
      '1:13 *a stands within what it stands for',
    ],
    ['a list as a key', `? [a]\n: b\n${stages(STAGE)}`, '1:3 a key has to be text'],
    ['a number as a key', `variables: {1: x}\n${stages(STAGE)}`, '1:13 a key has to be text'],
    [
      'a key of the language below',
      `variables: {__proto__: x}\n${stages(STAGE)}`,
      '1:13 a key cannot be called "__proto__"',
    ],
    [
      'a deep nest',
      `${stages(STAGE)}x-deep: ${'['.repeat(5000)}${']'.repeat(5000)}\n`,
      '4:108 this is no valid YAML: nesting exceeded maxDepth',
    ],
  ])('%s', async (_name, text, begin) => {
    const [first, ...more] = await errorsOf(text);
    expect(first?.slice(0, begin.length)).toBe(begin);
    expect(more).toEqual([]);
  });

  test('keys that stand twice, all of them, with what else is wrong', async () => {
    expect(await errorsOf('name: p\nname: q\nstages:\n  - {name: a, run: x, run: y, timeout: 5}\n')).toEqual([
      '2:1 the key "name" stands twice in one map <name>',
      '4:23 the key "run" stands twice in one map <run>',
      '4:40 5 is no duration <5>',
    ]);
  });

  test('aliases that multiply', async () => {
    const lines = ['x-0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level += 1)
      lines.push(
        `x-${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    const [only, ...more] = await errorsOf(`${lines.join('\n')}\n${stages(STAGE)}`);
    expect(only).toMatch(
      /^6:\d+ with this alias written out, the file holds more than 1000000 values <\*a4>$/,
    );
    expect(more).toEqual([]);
  });

  test('aliases that nest', async () => {
    const lines = ['x-0: &a0 {branch: x}'];
    for (let level = 1; level < 3000; level += 1) lines.push(`x-${level}: &a${level} {not: *a${level - 1}}`);
    const [only] = await errorsOf(`${lines.join('\n')}\n${stages('{name: a, run: x, when: *a2999}')}`);
    expect(only).toMatch(/^\d+:\d+ with this alias written out, values are nested more than 100 deep/);
  });

  test('ten megabytes, before they are parsed', async () => {
    expect(await errorsOf(`# ${'x'.repeat(10 * 1024 * 1024)}\n${stages(STAGE)}`)).toEqual([
      '1:1 the file is 10.0 million characters long; 8 million is the limit <>',
    ]);
  });

  test('dependencies that multiply', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => `{name: a${index}, run: x, depends_on: []}`);
    const waiting = Array.from({ length: 1500 }, (_, index) => `{name: b${index}, run: x, depends_on: g}`);
    expect(await errorsOf(stages(`{name: g, parallel: [${many.join(', ')}]}`, ...waiting))).toEqual([
      '2:1 stages wait for each other more than 1000000 times in all <stages>',
    ]);
  });
});

describe('YAML that is read:', () => {
  test('a byte order mark and line ends of another system', async () => {
    const text = `\ufeff${stages(STAGE, '{name: b, run: y}').replaceAll('\n', '\r\n')}`;
    expect((await accepted(text)).stages.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await errorsOf(text.replace('run: y', 'rum: y'))).toEqual([
      '4:12 stage "b" names neither an agent nor a command <b>',
      '4:15 unknown key "rum" <rum>',
    ]);
  });

  test('names that objects have as names like any other', async () => {
    const { variables, stages: read } = await accepted(
      `variables: {constructor: a, toString: b, hasOwnProperty: c}\n${stages(
        '{name: constructor, run: "echo ${constructor}", outputs: valueOf}',
        '{name: b, run: "echo ${stages.constructor.outputs.valueOf}"}',
      )}`,
    );
    expect(Object.entries(variables)).toHaveLength(3);
    expect(read[1]?.needs).toEqual(['constructor']);
    expect(await errorsOf(stages('{name: a, run: "echo ${toString}", hasOwnProperty: x}'))).toEqual([
      '3:26 "toString" is not declared <${toString}>',
      '3:40 unknown key "hasOwnProperty" <hasOwnProperty>',
    ]);
  });

  test('a long chain of stages that each need the next, without recursion', async () => {
    const chain = Array.from(
      { length: 5000 },
      (_, index) => `{name: s${index}, run: x, depends_on: [${index < 4999 ? `s${index + 1}` : ''}]}`,
    );
    expect((await accepted(stages(...chain))).stages).toHaveLength(5000);
    const ring = chain.map((stage, index) => (index < 4999 ? stage : stage.replace('[]', '[s0]')));
    const [only, ...more] = await errorsOf(stages(...ring));
    expect(only).toMatch(
      /^3:37 these stages wait for each other: s0 -> s1 -> .* -> … 4989 more … -> s4999 -> s0 <s1>$/,
    );
    expect(more).toEqual([]);
  });

  test('a long chain of parallel stages', async () => {
    const chain = Array.from({ length: 5000 }, (_, index) =>
      index < 4999
        ? `{name: s${index}, run: x, parallel_with: s${index + 1}}`
        : `{name: s${index}, run: x, depends_on: z}`,
    );
    const { stages: read } = await accepted(stages(...chain, '{name: z, run: x, depends_on: []}'));
    expect(new Set(read.slice(0, -1).map(({ needs }) => needs.join()))).toEqual(new Set(['z']));
  });

  test('many references to outputs far up', async () => {
    const chain = Array.from({ length: 400 }, (_, index) => {
      const far = index === 0 ? 'x' : `echo \${stages.s${Math.floor(index / 3)}.outputs.v}`;
      return `{name: s${index}, run: "${far}", outputs: v}`;
    });
    expect(await errorsOf(stages(...chain))).toEqual([]);
    const free = stages(
      ...chain,
      '{name: z, depends_on: [s7], run: "${stages.s3.outputs.v} ${stages.s8.outputs.v}"}',
    );
    expect(await errorsOf(free)).toHaveLength(1);
  });
});
