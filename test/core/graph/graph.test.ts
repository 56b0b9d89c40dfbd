import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blocksOf, readingOrder } from '../../../src/core/graph/blocks.ts';
import { withEssentialNeeds } from '../../../src/core/graph/essential-needs.ts';
import { layersOf } from '../../../src/core/graph/layers.ts';
import { railsOf } from '../../../src/core/graph/rails.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import { aStage } from '../../rig/run-builder.ts';

/** Stages in random order of the file; `s3` may need only those with a smaller number. */
const graphs: fc.Arbitrary<Stage[]> = fc
  .array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 25 })
  .map((all) =>
    all.map((needs, index) =>
      aStage(`s${index}`, {
        needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))],
      }),
    ),
  )
  .chain((stages) => fc.shuffledSubarray(stages, { minLength: stages.length, maxLength: stages.length }));

const namesIn = (stages: readonly Stage[]): string[] => stages.map((stage) => stage.name);

describe('layers', () => {
  test('a stage stands one below the lowest that it needs', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const layers = layersOf(stages);
        const depth = new Map(layers.flatMap((layer, at) => layer.map((stage) => [stage.name, at] as const)));
        expect(depth.size).toBe(stages.length);
        for (const stage of stages) {
          const above = Math.max(-1, ...stage.needs.map((need) => depth.get(need) ?? 99));
          expect(depth.get(stage.name)).toBe(above + 1);
        }
      }),
    );
  });
});

describe('blocks', () => {
  test('hold each stage once, only ones with equal needs, and their edges are those of their stages', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const blocks = blocksOf(stages);
        expect(namesIn(blocks.flatMap((block) => block.stages)).sort()).toEqual(namesIn(stages).sort());
        for (const block of blocks) {
          const needed = block.before.flatMap((index) => namesIn(blocks[index]?.stages ?? [])).sort();
          for (const stage of block.stages) expect([...stage.needs].sort()).toEqual(needed);
        }
      }),
    );
  });

  test('are read in an order in which nothing comes before what it needs', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const blocks = blocksOf(stages);
        const order = readingOrder(blocks);
        expect([...order].sort((a, b) => a - b)).toEqual(blocks.map((_, index) => index));
        for (const [index, block] of blocks.entries())
          for (const before of block.before) expect(order.indexOf(before)).toBeLessThan(order.indexOf(index));
      }),
    );
  });
});

describe('essential needs', () => {
  test('leave out what follows from the others, and nothing else', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const all = ancestorsIn(stages);
        const essential = withEssentialNeeds(stages);
        expect(ancestorsIn(essential)).toEqual(all);
        for (const { name, needs } of essential) {
          expect(stages.find((stage) => stage.name === name)?.needs).toEqual(
            expect.arrayContaining([...needs]),
          );
          for (const need of needs) expect(needs.some((other) => all.get(other)?.includes(need))).toBe(false);
        }
      }),
    );
  });
});

/** Every stage with all those before it. */
function ancestorsIn(stages: readonly Stage[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, needs } of layersOf(stages).flat())
    found.set(name, [...new Set(needs.flatMap((need) => [need, ...(found.get(need) ?? [])]))].sort());
  return found;
}

describe('rails', () => {
  test('every line goes on in the row below, or above, where it leads to', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const rails = railsOf(stages, 1000);
        if (rails === undefined) throw new Error('1000 rails are enough for 25 stages');
        rails.rows.forEach(({ cells }, at) => {
          const next = rails.rows[at + 1]?.cells ?? [];
          const wide = Math.max(cells.length, next.length);
          for (let lane = 0; lane < wide; lane += 1) {
            expect(cells[lane]?.down === true).toBe(next[lane]?.up === true);
            expect(cells[lane]?.right === true).toBe(cells[lane + 1]?.left === true);
          }
        });
      }),
    );
  });

  test('every stage has one row, below those that it needs', () => {
    fc.assert(
      fc.property(graphs, (stages) => {
        const rows = railsOf(stages, 1000)?.rows ?? [];
        const order = rows.flatMap((row) => (row.stage === undefined ? [] : [row.stage.name]));
        expect([...order].sort()).toEqual(namesIn(stages).sort());
        for (const stage of stages)
          for (const need of stage.needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(stage.name));
      }),
    );
  });

  test('more rails than allowed are none at all', () => {
    const roots = Array.from({ length: 9 }, (_, index) => aStage(`r${index}`));
    const stages = [...roots, ...roots.map(({ name }) => aStage(`after-${name}`, { needs: [name] }))];
    expect(railsOf(stages, 2)?.lanes).toBe(1);
    const last = aStage('last', { needs: stages.slice(9).map(({ name }) => name) });
    expect(railsOf([...stages, last], 8)).toBeUndefined();
    expect(railsOf([...stages, last], 9)?.lanes).toBe(9);
  });
});
