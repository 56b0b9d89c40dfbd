import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepted, errorsOf, stages } from './reading.ts';

async function needsOf(text: string): Promise<Record<string, readonly string[]>> {
  return Object.fromEntries((await accepted(text)).stages.map(({ name, needs }) => [name, needs]));
}

describe('in a sequence', () => {
  test('stages run from top to bottom, and in a graph only as they say', async () => {
    const text = stages('{name: a, run: x}', '{name: b, run: x}', '{name: c, run: x, depends_on: a}');
    expect(await needsOf(text)).toEqual({ a: [], b: ['a'], c: ['a'] });
    expect(await needsOf(`order: graph\n${text}`)).toEqual({ a: [], b: [], c: ['a'] });
  });

  test('a stage with no dependencies of its own makes a root', async () => {
    const text = stages('{name: a, run: x}', '{name: b, run: x, depends_on: []}', '{name: c, run: x}');
    expect(await needsOf(text)).toEqual({ a: [], b: [], c: ['b'] });
  });

  test('what stands after a group waits for all of it, and the group for what stands before it', async () => {
    const group = 'parallel: [{name: b, run: x}, {name: c, run: x}, {name: d, run: x, depends_on: []}]';
    const text = stages('{name: a, run: x}', group, '{name: e, run: x}');
    expect(await needsOf(text)).toEqual({ a: [], b: ['a'], c: ['a'], d: [], e: ['b', 'c', 'd'] });
  });

  test('a group’s own dependencies are those of all its stages, beside theirs', async () => {
    const group =
      '{name: g, depends_on: a, parallel: [{name: c, run: x}, {name: d, run: x, depends_on: [b, a]}]}';
    const text = stages(
      '{name: a, run: x}',
      '{name: b, run: x}',
      group,
      '{name: e, run: x, depends_on: [g, a, c]}',
    );
    expect(await needsOf(text)).toEqual({ a: [], b: ['a'], c: ['a'], d: ['a', 'b'], e: ['c', 'd', 'a'] });
  });

  test('what stands after parallel stages waits for all of them', async () => {
    const text = stages(
      '{name: a, run: x}',
      '{name: b, run: x}',
      '{name: c, run: x, parallel_with: b}',
      '{name: d, run: x}',
    );
    expect(await needsOf(text)).toEqual({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] });
  });

  test('a stage does not wait for one that is written above and only stands beside it', async () => {
    const text = stages(
      '{name: a, run: x}',
      '{name: lint, run: x, parallel_with: unit}',
      '{name: unit, run: x}',
      '{name: c, run: x}',
    );
    expect(await needsOf(text)).toEqual({ a: [], lint: ['a'], unit: ['a'], c: ['lint', 'unit'] });
  });
});

describe('parallel_with', () => {
  test('shares dependencies through others, whatever the order of the file, beside its own', async () => {
    const text = `order: graph\n${stages(
      '{name: c, run: x, parallel_with: b, depends_on: z}',
      '{name: b, run: x, parallel_with: a}',
      '{name: a, run: x, depends_on: y}',
      '{name: y, run: x}',
      '{name: z, run: x}',
    )}`;
    expect(await needsOf(text)).toEqual({ c: ['z', 'y'], b: ['y'], a: ['y'], y: [], z: [] });
  });

  test('may be mutual', async () => {
    const text = `order: graph\n${stages(
      '{name: a, run: x, parallel_with: b, depends_on: y}',
      '{name: b, run: x, parallel_with: a, depends_on: z}',
      '{name: y, run: x}',
      '{name: z, run: x}',
    )}`;
    const needs = await needsOf(text);
    expect([new Set(needs['a']), new Set(needs['b'])]).toEqual([new Set(['y', 'z']), new Set(['y', 'z'])]);
  });
});

interface Written {
  readonly dependsOn: number[] | undefined;
  readonly beside: number | undefined;
}

/** Dependencies point to earlier stages only, so that a file is never wrong because of a cycle of its own. */
const files = fc
  .array(
    fc.tuple(
      fc.option(fc.array(fc.nat(1000), { maxLength: 4 }), { nil: undefined }),
      fc.option(fc.nat(1000), { nil: undefined }),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((list) =>
    list.map(
      ([depends, beside], index): Written => ({
        dependsOn:
          depends === undefined
            ? undefined
            : index === 0
              ? []
              : [...new Set(depends.map((at) => at % index))],
        beside: beside === undefined || index === 0 || beside % 3 > 0 ? undefined : beside % index,
      }),
    ),
  );

describe('random files', () => {
  test.each(['sequence', 'graph'])('have the same order as a slow model of it: %s', async (order) => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const text = `name: p\norder: ${order}\nstages:\n${file
          .map(({ dependsOn, beside }, index) => {
            const needs =
              dependsOn === undefined ? '' : `, depends_on: [${dependsOn.map((at) => `s${at}`).join(', ')}]`;
            return `  - {name: s${index}, run: x${needs}${beside === undefined ? '' : `, parallel_with: s${beside}`}}\n`;
          })
          .join('')}`;
        const expected = model(file, order);
        if (expected === undefined) {
          expect(await errorsOf(text)).not.toEqual([]);
          return;
        }
        read += 1;
        const { stages: found } = await accepted(text);
        expect(found.map(({ needs }) => needs.toSorted())).toEqual(
          expected.map((needs) => needs.map((at) => `s${at}`).toSorted()),
        );
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

/** Undefined where stages are parallel and yet wait for each other. */
function model(file: readonly Written[], order: string): number[][] | undefined {
  const joined = file.map((_, index) => new Set([index]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [index, { beside }] of file.entries()) {
      if (beside === undefined) continue;
      const all = new Set([...(joined[index] ?? []), ...(joined[beside] ?? [])]);
      for (const member of all) {
        if (joined[member]?.size !== all.size) changed = true;
        joined[member] = all;
      }
    }
  }
  const own = file.map(({ dependsOn, beside }, index) => {
    if (dependsOn !== undefined) return dependsOn;
    if (beside !== undefined || order === 'graph') return [];
    let last = index - 1;
    while (last >= 0 && joined[last]?.has(index) && file[last]?.beside !== undefined) last -= 1;
    if (last < 0) return [];
    return joined[last]?.has(index) ? [last] : [...(joined[last] ?? [])].filter((at) => at < index);
  });
  if (own.some((needs, index) => needs.some((need) => joined[index]?.has(need)))) return undefined;
  const all = file.map((_, index) => {
    const seen = new Set<number>();
    for (let at: number | undefined = index; at !== undefined && !seen.has(at); at = file[at]?.beside)
      seen.add(at);
    return [...new Set([...seen].flatMap((at) => own[at] ?? []))];
  });
  return hasCycle(all) ? undefined : all;
}

function hasCycle(needs: readonly number[][]): boolean {
  const left = new Set(needs.keys());
  for (let changed = true; changed; ) {
    changed = false;
    for (const at of left)
      if (!needs[at]?.some((need) => left.has(need))) {
        left.delete(at);
        changed = true;
      }
  }
  return left.size > 0;
}
