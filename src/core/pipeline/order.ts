import type { Draft, DraftStage } from './draft.ts';
import { errorAt, type Finding } from './finding.ts';
import { knotsOf } from './knots.ts';
import { type Named, placeOfName } from './references.ts';
import { quoted } from './wording.ts';

/** A file may write few edges that mean very many, by groups and `parallel_with`. */
const MAX_EDGES = 1_000_000;

const NONE: readonly number[] = [];

/**
 * What every stage waits for (spec: pipelines 2), by number and without repetition. O(stages + edges), without
 * recursion. Stages that are parallel and yet wait for each other are problems.
 */
export function resolveOrder(
  draft: Draft,
  named: Named,
): { readonly needs: readonly (readonly number[])[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const sets = parallelSets(draft, named);
  const before = stagesBefore(draft, named, sets);
  let edges = 0;
  const own = draft.stages.map((stage): readonly number[] => {
    const base = ownNeeds(draft, named, before, stage);
    edges += base.length;
    if (!base.some((need) => sets.of(need) === sets.of(stage.index))) return base;
    const beside = base.filter((need) => sets.of(need) === sets.of(stage.index));
    for (const need of beside) findings.push(parallelYetWaiting(draft, stage, need));
    // Told once, and not again as a cycle.
    return base.filter((need) => !beside.includes(need));
  });
  const needs = edges > MAX_EDGES ? undefined : shareWithParallel(own, named, MAX_EDGES - edges);
  if (needs === undefined)
    return { needs: own.map(() => NONE), findings: [...findings, tooManyEdges(draft)] };
  return { needs, findings };
}

function ownNeeds(draft: Draft, named: Named, before: StagesBefore, stage: DraftStage): readonly number[] {
  const { index, group } = stage;
  const written = named.dependsOn[index];
  const ofGroup = group === undefined ? undefined : named.groupDependsOn.get(group);
  const says = written !== undefined || stage.authored.parallel_with !== undefined;
  const base = ofGroup ?? (says || draft.authored.order === 'graph' ? NONE : before(group?.start ?? index));
  if (written === undefined || written.length === 0) return base;
  return base.length === 0 ? written : [...new Set([...base, ...written])];
}

/** Stages that a stage, or a group that begins there, waits for because it stands after them. */
type StagesBefore = (index: number) => readonly number[];

/**
 * In a sequence, the stage before, together with those above it that run in parallel with it: nothing starts beside
 * half of a parallel set. A stage written above that is only `parallel_with` this one stands beside it, not before it.
 */
function stagesBefore(draft: Draft, named: Named, sets: ParallelSets): StagesBefore {
  if (named.parallelWith.every((beside) => beside.length === 0))
    return (index) =>
      index === 0
        ? NONE
        : sets.of(index - 1) === sets.of(index)
          ? [index - 1]
          : sets.membersBefore(index - 1, index);
  // Of a stage with `parallel_with`: the last one above it that does not just stand beside the same set.
  const passed: number[] = [];
  const isBeside = (index: number, set: number): boolean =>
    (named.parallelWith[index] ?? NONE).length > 0 && sets.of(index) === set;
  for (let index = 0; index < draft.stages.length; index += 1)
    passed.push(isBeside(index - 1, sets.of(index)) ? (passed[index - 1] ?? -1) : index - 1);
  return (index) => {
    const last = isBeside(index - 1, sets.of(index)) ? (passed[index - 1] ?? -1) : index - 1;
    if (last < 0) return NONE;
    if (sets.of(last) === sets.of(index)) return [last];
    return sets.membersBefore(last, index);
  };
}

interface ParallelSets {
  /** Number of the set to which a stage belongs, alone or with others. */
  readonly of: (index: number) => number;
  /** The stages of a stage's set that stand above `end`. */
  readonly membersBefore: (index: number, end: number) => readonly number[];
}

/** Stages joined by groups and `parallel_with`, in either direction. */
function parallelSets(draft: Draft, named: Named): ParallelSets {
  if (draft.groups.length === 0 && named.parallelWith.every((beside) => beside.length === 0))
    return { of: (index) => index, membersBefore: (index) => [index] };
  const parent = Int32Array.from(draft.stages, (_, index) => index);
  const root = (index: number): number => {
    let at = index;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
    return at;
  };
  const join = (one: number, other: number): void => {
    const [low, high] = [root(one), root(other)].sort((a, b) => a - b);
    if (low !== undefined && high !== undefined) parent[high] = low;
  };
  const members = new Map<number, number[]>();
  for (const { start, end } of draft.groups)
    for (let index = start + 1; index < end; index += 1) join(start, index);
  for (const [index, beside] of named.parallelWith.entries()) for (const other of beside) join(index, other);
  for (const { index } of draft.stages) {
    const set = root(index);
    if (set === index && parent[index] === index) continue;
    const list = members.get(set);
    if (list === undefined) members.set(set, [set, index]);
    else list.push(index);
  }
  return {
    of: root,
    membersBefore: (index, end) => {
      const all = members.get(root(index));
      return all === undefined ? [index] : all.filter((member) => member < end);
    },
  };
}

/** Adds to every stage what the stages have that it is parallel with, directly or through others. */
function shareWithParallel(
  own: readonly (readonly number[])[],
  named: Named,
  edgesLeft: number,
): readonly (readonly number[])[] | undefined {
  if (named.parallelWith.every((beside) => beside.length === 0)) return own;
  const knots = knotsOf(named.parallelWith);
  const shared: (readonly number[])[] = [];
  const needs = own.slice();
  let left = edgesLeft;
  // A knot comes after all that it reaches.
  for (const [number, knot] of knots.list.entries()) {
    const parts = new Set<readonly number[]>();
    for (const index of knot) {
      parts.add(own[index] ?? NONE);
      for (const other of named.parallelWith[index] ?? NONE) {
        const reached = knots.of[other] ?? 0;
        if (reached !== number) parts.add(shared[reached] ?? NONE);
      }
    }
    const filled = [...parts].filter((part) => part.length > 0);
    const [only] = filled;
    const all = filled.length === 1 && only !== undefined ? only : [...new Set(filled.flat())];
    if (filled.length > 1) left -= all.length;
    if (left < 0) return undefined;
    shared.push(all);
    for (const index of knot) needs[index] = all;
  }
  return needs;
}

function parallelYetWaiting(draft: Draft, stage: DraftStage, need: number): Finding {
  const name = quoted(stage.authored.name);
  const other = quoted(draft.stages[need]?.authored.name ?? '');
  const path = placeOfName(draft, stage, need);
  if (path.at(-1) !== 'name')
    return errorAt(
      path,
      'value',
      `${name} and ${other} are to run in parallel, so ${name} cannot wait for ${other}`,
      {
        hint: 'take it out of "depends_on", or the two out of "parallel_with" or the group',
      },
    );
  return errorAt(path, 'value', `${name} waits for ${other}, which is to run in parallel with it`, {
    hint: `give ${name} a "depends_on" of its own, [] for none, or correct "parallel_with"`,
  });
}

function tooManyEdges(draft: Draft): Finding {
  const heaviest = draft.stages[0]?.path ?? [];
  return errorAt(
    heaviest.slice(0, 1),
    'key',
    `stages wait for each other more than ${MAX_EDGES} times in all`,
    {
      hint: 'let stages wait for one stage that waits for many',
    },
  );
}
