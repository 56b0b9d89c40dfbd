import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateCondition } from '../../../src/core/condition/evaluate.ts';
import type { Facts, Truth } from '../../../src/core/condition/evaluated.ts';
import type { Condition } from '../../../src/core/pipeline/definition.ts';

const main: Facts = { branch: 'main', paths: ['docs/a.md', 'src/core/x.ts'], labels: ['bug'] };
const nothing = () => undefined;

function judge(condition: Condition, facts: Facts = main, variables: Record<string, string> = {}): Truth {
  return evaluated(condition, facts, variables).value;
}

function evaluated(condition: Condition, facts: Facts = main, variables: Record<string, string> = {}) {
  return evaluateCondition(condition, {
    facts,
    variable: (name) => (Object.hasOwn(variables, name) ? { value: variables[name] ?? '' } : undefined),
  });
}

describe('single tests', () => {
  test.each<[Condition, Truth]>([
    [{ branch: ['main'] }, true],
    [{ branch: ['dev', 'm*'] }, true],
    [{ branch: ['dev'] }, false],
    [{ path: ['docs/**', 'README.md'] }, true],
    [{ path: ['test/**'] }, false],
    [{ path: ['**', '!docs/**', '!src/**'] }, false],
    [{ path: ['**', '!docs/**'] }, true],
    [{ label: ['bug'] }, true],
    [{ label: ['Bug'] }, false],
  ])('%j is %s', (condition, value) => {
    expect(judge(condition)).toBe(value);
  });

  test('variables compare to the letter, as one text or a list', () => {
    const variables = { mode: 'fast*', empty: '' };
    expect(judge({ variable: { mode: 'fast*' } }, {}, variables)).toBe(true);
    expect(judge({ variable: { mode: 'f*' } }, {}, variables)).toBe(false);
    expect(judge({ variable: { mode: 'fast' } }, {}, variables)).toBe(false);
    expect(judge({ variable: { mode: ['slow', 'fast*'], empty: '' } }, {}, variables)).toBe(true);
    expect(judge({ variable: { mode: 'fast*', empty: 'x' } }, {}, variables)).toBe(false);
  });
});

describe('facts that nobody supplied', () => {
  test.each<[Condition, RegExp]>([
    [{ branch: ['main'] }, /branch.*--branch/],
    [{ path: ['**'] }, /paths.*--path/],
    [{ label: ['x'] }, /labels.*--label/],
    [{ variable: { x: 'y' } }, /variable x.*--var x=/],
  ])('%j is unknown, and so is its negation; the reason names the fact', (condition, reason) => {
    expect(judge(condition, {})).toBe('unknown');
    expect(judge({ not: [condition] }, {})).toBe('unknown');
    expect(evaluated(condition, {}).reason).toMatch(reason);
    expect(evaluated({ not: [condition] }, {}).reason).toMatch(reason);
  });

  test('an empty list is known to be empty', () => {
    expect(judge({ label: ['x'] }, { labels: [] })).toBe(false);
    expect(judge({ not: [{ label: ['x'] }] }, { labels: [] })).toBe(true);
    expect(judge({ path: ['**'] }, { paths: [] })).toBe(false);
  });

  test('they do not matter where the rest decides', () => {
    expect(judge({ branch: ['dev'], label: ['x'] }, { branch: 'main' })).toBe(false);
    expect(judge({ branch: ['main'], label: ['x'] }, { branch: 'main' })).toBe('unknown');
    expect(judge({ label: ['x'], or: [{ branch: ['main'] }] }, { branch: 'main' })).toBe(true);
    expect(judge({ label: ['x'], or: [{ branch: ['dev'] }] }, { branch: 'main' })).toBe('unknown');
  });
});

describe('and, or, not', () => {
  test('the second example of the story: the label, or a path', () => {
    const when: Condition = { label: ['needs-full-test'], or: [{ path: ['src/core/**'] }] };
    expect(judge(when, { labels: ['needs-full-test'], paths: [] })).toBe(true);
    expect(judge(when, { labels: [], paths: ['src/core/a.ts'] })).toBe(true);
    expect(judge(when, { labels: [], paths: ['docs/a.md'] })).toBe(false);
    expect(judge(when, { paths: ['src/core/a.ts'] })).toBe(true);
    expect(judge(when, { paths: ['docs/a.md'] })).toBe('unknown');
  });

  test('or alone is true only if an alternative is', () => {
    expect(judge({ or: [{ branch: ['dev'] }] })).toBe(false);
    expect(judge({ or: [{ branch: ['dev'] }, { label: ['bug'] }] })).toBe(true);
  });

  test('siblings stand together against the alternatives of or', () => {
    const when: Condition = { branch: ['main'], not: [{ label: ['bug'] }], or: [{ path: ['test/**'] }] };
    expect(judge(when)).toBe(false);
    expect(judge(when, { ...main, labels: [] })).toBe(true);
    expect(judge(when, { ...main, paths: ['test/a'] })).toBe(true);
  });

  test('of a list under not nothing may hold', () => {
    expect(judge({ not: [{ branch: ['dev'] }, { label: ['wip'] }] })).toBe(true);
    expect(judge({ not: [{ branch: ['dev'] }, { label: ['bug'] }] })).toBe(false);
  });

  test('keys of one map under not are one condition', () => {
    expect(judge({ not: [{ branch: ['main'], label: ['wip'] }] })).toBe(true);
  });
});

describe('guards without content', () => {
  test.each<Condition>([
    {},
    { branch: [] },
    { not: [] },
    { not: [{}] },
    { and: [] },
    { or: [] },
    { variable: {} },
    { variable: { x: [] } },
    { not: [{ branch: [] }] },
    { not: [{ branch: ['['] }] },
  ])('%j is no way through', (condition) => {
    expect(judge(condition, main, { x: '' })).toBe('unknown');
  });
});

describe('reasons', () => {
  test.each<[Condition, string]>([
    [{ branch: ['dev'] }, 'the branch is main, not dev'],
    [{ branch: ['dev', 'x', 'y'] }, 'the branch is main, not dev, x or y'],
    [{ branch: ['main'] }, 'the branch is main'],
    [{ not: [{ branch: ['main'] }] }, 'excluded, as the branch is main'],
    [{ branch: ['main'], label: ['x'] }, 'no label is x'],
    [{ label: ['x'], or: [{ path: ['y'] }] }, 'no label is x; no changed path is y'],
    [{ path: ['src/**'] }, 'src/core/x.ts changed'],
  ])('%j', (condition, reason) => {
    expect(evaluated(condition).reason).toBe(reason);
  });

  test('values from outside stay within one line of bearable length', () => {
    const value = `line\nbreak "quoted" ${'x'.repeat(10_000)}`;
    const many = Array.from({ length: 50 }, (_, index) => ({ label: [`label-${index}\n`] }));
    const reasons = [
      evaluated({ branch: ['x'] }, { branch: value }).reason,
      evaluated({ variable: { a: 'b' } }, {}, { a: value }).reason,
      evaluated({ or: many }).reason,
    ];
    for (const reason of reasons) {
      expect(reason).not.toContain('\n');
      expect(reason.length).toBeLessThan(310);
    }
  });

  test('why a variable has its value is said', () => {
    const known = { facts: {}, variable: () => ({ value: 'no', why: 'no browser is used here' }) };
    expect(evaluateCondition({ variable: { ui: 'yes' } }, known).reason).toBe(
      'the variable ui is "no", not "yes" (no browser is used here)',
    );
  });

  test('the tree shows every part with its own value', () => {
    expect(evaluated({ branch: ['main'], or: [{ label: ['x'] }] }, { branch: 'dev' })).toMatchObject({
      test: 'any',
      value: 'unknown',
      of: [
        { test: 'branch', value: false },
        { test: 'label', value: 'unknown' },
      ],
    });
  });
});

type Model = (condition: Condition, world: Facts) => boolean;

/** Two-valued and naive: the meaning of a condition where everything is known. */
const model: Model = (condition, world) => {
  const some = (wanted: readonly string[] | undefined, are: readonly string[]) =>
    wanted === undefined || wanted.some((one) => are.includes(one));
  const held =
    some(condition.branch, [world.branch ?? '']) &&
    some(condition.path, world.paths ?? []) &&
    some(condition.label, world.labels ?? []) &&
    (condition.and ?? []).every((one) => model(one, world)) &&
    !(condition.not ?? []).some((one) => model(one, world));
  const siblings = Object.keys(condition).some((key) => key !== 'or');
  return (siblings && held) || (condition.or ?? []).some((one) => model(one, world));
};

const words = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 });
const conditionOf: (depth: number) => fc.Arbitrary<Condition> = fc.memo((depth) => {
  const tests = { branch: words, path: words, label: words };
  const list = depth <= 1 ? undefined : fc.array(conditionOf(depth - 1), { minLength: 1, maxLength: 2 });
  const parts = list === undefined ? tests : { ...tests, and: list, or: list, not: list };
  const any: fc.Arbitrary<Condition> = fc.record(parts, { requiredKeys: [] });
  return any.filter((one) => Object.keys(one).length > 0);
});
const conditions = conditionOf(3);
const worlds = fc.record({ branch: fc.constantFrom('a', 'b', 'c'), paths: words, labels: words });

describe('over random conditions', () => {
  test('with all facts known the value is that of plain logic', () => {
    fc.assert(
      fc.property(conditions, worlds, (condition, world) => {
        expect(judge(condition, world)).toBe(model(condition, world));
      }),
      { numRuns: 500 },
    );
  });

  test('what is decided without a fact stays so, whatever that fact turns out to be', () => {
    const hidden = fc.uniqueArray(fc.constantFrom<string>('branch', 'paths', 'labels'));
    fc.assert(
      fc.property(conditions, worlds, hidden, worlds, (condition, world, keys, other) => {
        const known = Object.fromEntries(Object.entries(world).filter(([key]) => !keys.includes(key)));
        const value = evaluateCondition(condition, { facts: known, variable: nothing }).value;
        if (value === 'unknown') return;
        expect(judge(condition, { ...other, ...known })).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});

test('a reason says what a list of patterns wants and what it excludes', () => {
  expect(evaluated({ branch: ['**', '!dev', '!x'] }, { branch: 'dev' }).reason).toBe(
    'the branch is dev, not ** except dev or x',
  );
  expect(evaluated({ branch: ['a', 'b'] }, { branch: 'dev' }).reason).toBe('the branch is dev, not a or b');
});
