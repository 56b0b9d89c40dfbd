import type { Stage } from '../pipeline/definition.ts';

/** Stages that wait for the same stages and for which the same stages wait: they stand side by side in a drawing. */
export interface Block {
  /** In the order of the file. */
  readonly stages: readonly Stage[];
  /** Indexes of the blocks whose stages these ones need, and of those that need these; ascending. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * A pipeline's stages with siblings drawn together. The graph of the blocks is exact: where one stage of a block is
 * needed, all of them are. O(stages + edges), no recursion; blocks in the order of their first stage.
 */
export function blocksOf(stages: readonly Stage[]): Block[] {
  const dependents = new Map<string, string[]>(stages.map((stage) => [stage.name, []]));
  for (const stage of stages) for (const need of new Set(stage.needs)) dependents.get(need)?.push(stage.name);
  const places = new Map(stages.map((stage, index) => [stage.name, index]));
  const siblings = new Map<string, Stage[]>();
  for (const stage of stages) {
    const key = `${keyOf(stage.needs, places)}>${keyOf(dependents.get(stage.name) ?? [], places)}`;
    const group = siblings.get(key);
    if (group === undefined) siblings.set(key, [stage]);
    else group.push(stage);
  }
  const groups = [...siblings.values()];
  const blockOf = new Map(groups.flatMap((group, index) => group.map((stage) => [stage.name, index])));
  return groups.map((group) => {
    const [first] = group;
    return {
      stages: group,
      before: indexesOf(first?.needs ?? [], blockOf),
      after: indexesOf(dependents.get(first?.name ?? '') ?? [], blockOf),
    };
  });
}

function keyOf(names: readonly string[], places: ReadonlyMap<string, number>): string {
  const numbers = new Set<number>();
  for (const name of names) {
    const place = places.get(name);
    if (place !== undefined) numbers.add(place);
  }
  return [...numbers].sort((a, b) => a - b).join(',');
}

function indexesOf(names: readonly string[], blockOf: ReadonlyMap<string, number>): number[] {
  const found = new Set<number>();
  for (const name of names) {
    const index = blockOf.get(name);
    if (index !== undefined) found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}

/**
 * Indexes of the blocks so that each comes after those it needs, and follows them closely: a branch is told to its end
 * before the next one begins.
 */
export function readingOrder(blocks: readonly Block[]): number[] {
  const unmet = blocks.map((block) => block.before.length);
  const open = blocks.flatMap((block, index) => (block.before.length === 0 ? [index] : [])).reverse();
  const order: number[] = [];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    order.push(index);
    for (const next of [...(blocks[index]?.after ?? [])].reverse()) {
      const left = (unmet[next] ?? 0) - 1;
      unmet[next] = left;
      if (left === 0) open.push(next);
    }
  }
  return order;
}
