import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../src/core/pipeline/duration.ts';
import { parsePipeline } from '../../../src/core/pipeline/parse.ts';

function parsed(text: string) {
  const result = parsePipeline(text, 'p.yaml');
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function problem(text: string) {
  const result = parsePipeline(text, 'p.yaml');
  if (result.ok) throw new Error('the definition was accepted');
  return result.error;
}

describe('a duration', () => {
  test.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '30', '0', '0s', '0h0m', 'banana', '1.5h', '-1s', '1h ', '30 m', '1w', '99999999999999d'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe('a definition', () => {
  test('that only lists stages runs top to bottom', () => {
    const { stages } = parsed('name: p\nstages:\n  - name: one\n  - name: two\n  - name: three\n');
    expect(stages.map(({ name, needs }) => [name, needs])).toEqual([
      ['one', []],
      ['two', ['one']],
      ['three', ['two']],
    ]);
  });

  test('has roots and joins where it says so', () => {
    const { stages } = parsed(
      'name: p\nstages:\n  - name: one\n  - name: two\n    depends_on: []\n  - name: join\n    depends_on: [one, two]\n',
    );
    expect(stages.map(({ needs }) => needs)).toEqual([[], [], ['one', 'two']]);
  });

  test('may name stages before they are defined', () => {
    const { stages } = parsed(
      'name: p\nstages:\n  - name: last\n    depends_on: first\n  - name: first\n    depends_on: []\n',
    );
    expect(stages[0]?.needs).toEqual(['first']);
  });

  test('gets defaults, and an agent of the stage’s name', () => {
    expect(parsed('name: p\nstages:\n  - name: one\n')).toEqual({
      name: 'p',
      description: '',
      variables: {},
      maxParallel: 4,
      limits: {},
      closing: 'none',
      stages: [
        {
          name: 'one',
          needs: [],
          work: { kind: 'agent', agent: 'one' },
          timeoutMs: 1_800_000,
          retries: 2,
          repairs: 2,
          onFailure: 'halt',
        },
      ],
    });
  });

  test('keeps what it says', () => {
    const { stages, variables, maxParallel } = parsed(`
name: p
variables: { colour: red }
max_parallel: 2
stages:
  - name: one
    run: make
    timeout: 1h30m
    retries: 0
    on_failure: continue
    when: { variable: { colour: red } }
`);
    expect([variables, maxParallel]).toEqual([{ colour: 'red' }, 2]);
    expect(stages[0]).toMatchObject({
      work: { kind: 'command', run: 'make' },
      timeoutMs: 5_400_000,
      retries: 0,
      onFailure: 'continue',
      when: { variable: { colour: 'red' } },
    });
  });

  test('that ships for features is accepted, in its order', () => {
    const file = fileURLToPath(
      new URL('../../../.blueprint/pipelines/implement-feature.yaml', import.meta.url),
    );
    const pipeline = parsed(readFileSync(file, 'utf8'));
    expect(pipeline.stages.map(({ name }) => name)).toEqual([
      'alex',
      'cass',
      'nigel',
      'codey-plan',
      'codey-implement',
    ]);
    expect(pipeline.closing).toBe('commit');
  });
});

describe('a definition is refused, naming the file,', () => {
  test.each([
    ['when a key is unknown', 'name: p\nstages:\n  - name: one\n    depend_on: x\n', 'depend_on'],
    ['when a guard is misspelt', 'name: p\nstages:\n  - name: one\n    whn: {}\n', 'whn'],
    ['when it has no stage', 'name: p\nstages: []\n', 'stages'],
    ['when it has no name', 'stages:\n  - name: one\n', 'name'],
    ['when a name is not one', 'name: p\nstages:\n  - name: "One Two"\n', 'stages.0.name'],
    [
      'when two stages have one name',
      'name: p\nstages:\n  - name: one\n  - name: one\n',
      'two stages are named one',
    ],
    ['when a need is no stage', 'name: p\nstages:\n  - name: one\n    depends_on: two\n', 'one names two'],
    [
      'when a stage needs itself',
      'name: p\nstages:\n  - name: one\n    depends_on: one\n',
      'wait for each other: one',
    ],
    [
      'when stages need each other',
      'name: p\nstages:\n  - name: one\n    depends_on: two\n  - name: two\n    depends_on: one\n',
      'wait for each other: one, two',
    ],
    [
      'when a stage rates what it does not wait for',
      'name: p\nstages:\n  - name: one\n  - name: two\n    depends_on: []\n    reviews: one\n',
      'depends_on',
    ],
    ['when a timeout has no unit', 'name: p\nstages:\n  - name: one\n    timeout: "30"\n', 'no duration'],
    ['when a number of retries is not one', 'name: p\nstages:\n  - name: one\n    retries: -1\n', 'retries'],
    ['when it is empty', '', 'empty'],
  ])('%s', (_name, text, message) => {
    expect(problem(text)).toMatchObject({ code: 'SYS_MANIFEST_INVALID', file: 'p.yaml' });
    expect(problem(text).message).toContain(message);
  });

  test('with line and column when it is no YAML', () => {
    expect(problem('name: p\nstages:\n  - name: [one\n')).toMatchObject({
      file: 'p.yaml',
      line: expect.any(Number),
    });
    expect(problem('name: p\n  bad: x\n').line).toBe(2);
  });

  test('with all that is wrong at once', () => {
    const { message } = problem(
      'name: p\nstages:\n  - name: one\n    depends_on: x\n  - name: one\n    depends_on: y\n',
    );
    for (const part of ['two stages', 'names x', 'names y']) expect(message).toContain(part);
  });
});

test('a long chain of stages that each need the next is read without recursion', () => {
  const stages = Array.from(
    { length: 3000 },
    (_, index) => `  - name: s${index}\n    depends_on: [${index < 2999 ? `s${index + 1}` : ''}]\n`,
  );
  expect(parsed(`name: p\nstages:\n${stages.join('')}`).stages).toHaveLength(3000);
});
