import { describe, expect, it } from 'vitest';
import { planFiles } from '../../../src/core/feature/offline/code.ts';
import { derive } from '../../../src/core/feature/offline/derivation.ts';
import { specificationFiles, storyFiles } from '../../../src/core/feature/offline/documents.ts';
import { testFiles } from '../../../src/core/feature/offline/tests.ts';
import {
  buildTrace,
  formatTrace,
  type TracedResult,
  traceSchema,
} from '../../../src/core/feature/traceability.ts';

const derivation = derive({
  slug: 'a',
  featureId: 'id-1',
  briefPath: 'b.md',
  withStories: true,
  text: '## One\n- "x" → 1\n- soon\n## Two\n- "y" → 2',
});
const dialect = { typed: false, modules: 'esm', testRunner: 'node:test' } as const;
const files = new Map([
  ...specificationFiles(derivation, '2026-01-02'),
  ...storyFiles(derivation),
  ...testFiles(derivation, { testFile: 'test/a.js', moduleFile: 'src/a.js', dialect }),
  ...planFiles(derivation, 'src/a.js', false),
]);
const results = new Map<string, TracedResult>([['T-1', 'passed']]);

describe('the trace of a feature', () => {
  const trace = buildTrace({ slug: 'a', files, results, exists: () => true });

  it('leads from story to criterion, test, result and step', () => {
    expect(
      trace.criteria.map(({ source, id, tests }) => [
        source,
        id,
        ...tests.map((test) => [test.id, test.result, ...test.steps]),
      ]),
    ).toEqual([
      ['story-one', 'AC-1', ['T-1', 'passed', 1]],
      ['story-one', 'AC-2', ['T-2', 'pending', 1]],
      ['story-two', 'AC-1', ['T-3', 'unknown', 1]],
    ]);
    expect(trace).toMatchObject({
      featureId: 'id-1',
      steps: [{ number: 1, path: 'src/a.js', action: 'CREATE' }],
      gaps: [],
    });
  });

  it('is the same after a way through JSON', () => {
    expect(traceSchema.parse(JSON.parse(JSON.stringify(trace)))).toEqual(trace);
  });

  it('reads well', () => {
    expect(formatTrace(trace)).toBe(`feature a (id-1)

story-one: Story — One
  AC-1 a("x") gives 1
    T-1 passed ← step 1 src/a.js
  AC-2 soon
    T-2 pending ← step 1 src/a.js

story-two: Story — Two
  AC-1 a("y") gives 2
    T-3 unknown ← step 1 src/a.js
`);
  });

  it('names where the chain is broken', () => {
    const broken = new Map(files);
    const testSpec = 'test/artifacts/feature_a/test-spec.md';
    broken.set(
      testSpec,
      `${files.get(testSpec)?.replace(/^\| story-two .*$/m, '') ?? ''}\n| story-two | AC-9 | T-9 |\n`,
    );
    expect(buildTrace({ slug: 'a', files: broken, results, exists: () => false }).gaps).toEqual([
      'story-two AC-1 has no test',
      'T-9 tests no criterion that exists',
      'T-9 is covered by no step',
      'step 1 names src/a.js, which is not there',
    ]);
  });

  it('is empty for a feature that has nothing yet', () => {
    const empty = buildTrace({ slug: 'a', files: new Map(), results: new Map(), exists: () => false });
    expect(empty).toEqual({ slug: 'a', featureId: null, criteria: [], steps: [], gaps: [] });
    expect(formatTrace(empty)).toContain('no criteria yet');
  });
});
