import type { Draft } from './draft.ts';
import { errorAt, type Finding } from './finding.ts';
import { placeOfName } from './references.ts';
import { quoted } from './wording.ts';

/**
 * The order in which stages can be done, by number, and what keeps the others from ever starting.
 * O(stages + edges), no recursion.
 */
export function topologicalOrder(needs: readonly (readonly number[])[]): {
  readonly order: Int32Array;
  /** Stages that can never start. */
  readonly stuck: readonly number[];
} {
  const count = needs.length;
  // Dependents of all stages in one list, each stage's beginning at its place.
  const begins = new Int32Array(count + 1);
  const left = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    const list = needs[index] ?? [];
    left[index] = list.length;
    for (const need of list) begins[need + 1] = (begins[need + 1] ?? 0) + 1;
  }
  for (let index = 0; index < count; index += 1)
    begins[index + 1] = (begins[index + 1] ?? 0) + (begins[index] ?? 0);
  const dependents = new Int32Array(begins[count] ?? 0);
  const filled = begins.slice();
  for (let index = 0; index < count; index += 1) {
    for (const need of needs[index] ?? []) {
      dependents[filled[need] ?? 0] = index;
      filled[need] = (filled[need] ?? 0) + 1;
    }
  }
  const order = new Int32Array(count);
  let done = 0;
  for (let index = 0; index < count; index += 1) {
    if (left[index] !== 0) continue;
    order[done] = index;
    done += 1;
  }
  for (let at = 0; at < done; at += 1) {
    const stage = order[at] ?? 0;
    for (let place = begins[stage] ?? 0; place < (begins[stage + 1] ?? 0); place += 1) {
      const dependent = dependents[place] ?? 0;
      left[dependent] = (left[dependent] ?? 0) - 1;
      if (left[dependent] !== 0) continue;
      order[done] = dependent;
      done += 1;
    }
  }
  const stuck: number[] = [];
  if (done < count) for (let index = 0; index < count; index += 1) if (left[index] !== 0) stuck.push(index);
  return { order: order.subarray(0, done), stuck };
}

/** One problem for each cycle among stages that can never start; those that only wait for a cycle are not named. */
export function cycleFindings(
  draft: Draft,
  needs: readonly (readonly number[])[],
  stuck: readonly number[],
): Finding[] {
  const isStuck = new Set(stuck);
  const walkOf = new Map<number, number>();
  const findings: Finding[] = [];
  for (const start of stuck) {
    const walk: number[] = [];
    let at = start;
    while (!walkOf.has(at)) {
      walkOf.set(at, start);
      walk.push(at);
      at = needs[at]?.find((need) => isStuck.has(need)) ?? at;
    }
    if (walkOf.get(at) === start) findings.push(cycle(draft, walk.slice(walk.indexOf(at))));
  }
  return findings;
}

function cycle(draft: Draft, members: readonly number[]): Finding {
  const first = members.indexOf(members.reduce((low, index) => Math.min(low, index)));
  const ring = [...members.slice(first), ...members.slice(0, first)];
  const nameOf = (index: number | undefined): string => draft.stages[index ?? -1]?.authored.name ?? '';
  // The edge that was written is the one to be corrected; others come from the order of the file.
  const places = ring.map((index, at) => {
    const stage = draft.stages[index];
    return stage === undefined ? [] : placeOfName(draft, stage, ring[(at + 1) % ring.length] ?? index);
  });
  const written = places.findIndex((path) => path.at(-1) !== 'name');
  const implied = places.findIndex((path) => path.at(-1) === 'name');
  const names = ring.map(nameOf);
  const shown =
    names.length > 12 ? [...names.slice(0, 10), `… ${names.length - 11} more …`, ...names.slice(-1)] : names;
  return errorAt(
    places[Math.max(0, written)] ?? [],
    'value',
    `these stages wait for each other: ${[...shown, names[0]].join(' -> ')}`,
    {
      hint:
        implied < 0
          ? 'take one of these dependencies out'
          : `${quoted(names[implied] ?? '')} waits because of where it stands; give it a "depends_on" of its own, [] for none`,
    },
  );
}
