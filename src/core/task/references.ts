import { nearestTo } from '../nearest.ts';
import { knotsOf } from '../pipeline/knots.ts';
import type { TaskMeta } from './meta.ts';
import { type Finding, shown } from './problem.ts';
import { taskPath } from './task-path.ts';

/** A task of a whole tree of tasks, with the place of its file below `tasks/`, such as `10-ready/task-x.md`. */
export interface PlacedTask {
  readonly meta: Pick<
    TaskMeta,
    'id' | 'kind' | 'state' | 'parent' | 'children' | 'depends_on' | 'blocks' | 'completed_at'
  >;
  readonly path: string;
}

/** What is wrong between tasks, by the index of the task that has to be corrected. */
export interface ReferenceFinding {
  readonly task: number;
  readonly code: 'duplicate-id' | 'missing-reference' | 'cycle' | 'one-sided' | 'misplaced';
  readonly finding: Finding;
}

/**
 * Rules that look at more than one task: ids that two files have, references to tasks that are not there, tasks that
 * wait for or contain themselves, parents and children that do not know each other, and files that are not where their
 * state puts them (spec: tasks, commands). `others` are ids known from files that cannot be read.
 */
export function referenceFindings(
  tasks: readonly PlacedTask[],
  others: readonly string[] = [],
): readonly ReferenceFinding[] {
  const byId = new Map<string, number>();
  const findings: ReferenceFinding[] = [];
  for (const [index, { meta, path }] of tasks.entries()) {
    const first = byId.get(meta.id);
    if (first === undefined) byId.set(meta.id, index);
    else findings.push(duplicate(index, meta.id, tasks[first]?.path ?? ''));
    const wanted = taskPath(meta);
    if (path !== wanted) findings.push(misplaced(index, path, wanted));
  }
  const known = new Set([...byId.keys(), ...others]);
  const nearest = nearestOf([...known]);
  for (const [index, task] of tasks.entries()) findings.push(...missing(index, task, known, nearest));
  return [
    ...findings,
    ...oneSided(tasks, byId),
    ...cycles(tasks, byId, 'depends_on', waitsFor),
    ...cycles(tasks, byId, 'parent', belongsTo),
  ];
}

function duplicate(task: number, id: string, first: string): ReferenceFinding {
  const message = `the id ${id} is also that of tasks/${first}`;
  return {
    task,
    code: 'duplicate-id',
    finding: { severity: 'error', path: ['id'], message, hint: 'give one of the two another id' },
  };
}

function misplaced(task: number, path: string, wanted: string): ReferenceFinding {
  return {
    task,
    code: 'misplaced',
    finding: {
      severity: 'warning',
      path: ['state'],
      found: `tasks/${path}`,
      allowed: `tasks/${wanted}`,
      message: `the file belongs at tasks/${wanted}`,
      hint: 'murmur8 task validate --fix moves it',
    },
  };
}

type ReferenceKey = 'parent' | 'children' | 'depends_on' | 'blocks';

function missing(
  task: number,
  { meta }: PlacedTask,
  known: ReadonlySet<string>,
  nearest: (id: string) => string | undefined,
): ReferenceFinding[] {
  const references: { key: ReferenceKey; id: string; path: (string | number)[] }[] = [];
  if (meta.parent !== undefined) references.push({ key: 'parent', id: meta.parent, path: ['parent'] });
  for (const key of ['children', 'depends_on', 'blocks'] as const)
    for (const [at, id] of (meta[key] ?? []).entries()) references.push({ key, id, path: [key, at] });
  return references
    .filter(({ id }) => !known.has(id))
    .map(({ key, id, path }) => {
      const near = nearest(id);
      const hint = near === undefined ? 'take it out, or create the task' : `did you mean ${near}?`;
      const message = `${key} names ${shown(id)}, which is no task`;
      return { task, code: 'missing-reference', finding: { severity: 'error', path, message, hint } };
    });
}

/** As many comparisons of two ids as nobody waits for: beyond them nobody is told what was probably meant. */
const MOST_COMPARISONS = 200_000;

/** Nobody mistypes a longer one. */
const LONGEST_ID = 100;

function nearestOf(known: readonly string[]): (id: string) => string | undefined {
  const ids = known.filter(({ length }) => length <= LONGEST_ID);
  let left = MOST_COMPARISONS;
  return (id) => {
    if (id.length > LONGEST_ID) return undefined;
    left -= ids.length;
    return left < 0 ? undefined : nearestTo(id, ids);
  };
}

/** A parent that lists children lists all of them; a child says whose it is. */
function oneSided(tasks: readonly PlacedTask[], byId: ReadonlyMap<string, number>): ReferenceFinding[] {
  return tasks.flatMap(({ meta }, task) =>
    (meta.children ?? []).flatMap((id, at): ReferenceFinding[] => {
      const child = tasks[byId.get(id) ?? -1]?.meta;
      if (child?.parent === undefined || child.parent === meta.id) return [];
      const message = `children names ${id}, whose parent is ${child.parent}`;
      const hint = `take it out here, or set the parent of ${id} to ${meta.id}`;
      return [
        { task, code: 'one-sided', finding: { severity: 'warning', path: ['children', at], message, hint } },
      ];
    }),
  );
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** What a task waits for, from both sides: `depends_on`, and the tasks that say that they block it. */
function waitsFor({ meta }: PlacedTask): Edge[] {
  return [
    ...(meta.depends_on ?? []).map((to) => ({ from: meta.id, to })),
    ...(meta.blocks ?? []).map((from) => ({ from, to: meta.id })),
  ];
}

function belongsTo({ meta }: PlacedTask): Edge[] {
  return [
    ...(meta.parent === undefined ? [] : [{ from: meta.id, to: meta.parent }]),
    ...(meta.children ?? []).map((from) => ({ from, to: meta.id })),
  ];
}

function cycles(
  tasks: readonly PlacedTask[],
  byId: ReadonlyMap<string, number>,
  key: 'depends_on' | 'parent',
  edgesOf: (task: PlacedTask) => readonly Edge[],
): ReferenceFinding[] {
  const edges: number[][] = tasks.map(() => []);
  for (const { from, to } of tasks.flatMap(edgesOf)) {
    const target = byId.get(to);
    if (target !== undefined) edges[byId.get(from) ?? -1]?.push(target);
  }
  const knots = knotsOf(edges).list.filter(
    (knot) => knot.length > 1 || edges[knot[0] ?? -1]?.includes(knot[0] ?? -1) === true,
  );
  return knots.map((knot) => {
    const ring = ringIn(knot, edges);
    const [task = 0] = ring;
    const names = [...ring, task].map((index) => tasks[index]?.meta.id ?? '');
    const shown = names.length > 12 ? [...names.slice(0, 10), '…', ...names.slice(-1)] : names;
    const what = key === 'parent' ? 'these tasks are part of each other' : 'these tasks wait for each other';
    return {
      task,
      code: 'cycle',
      finding: {
        severity: 'error',
        path: [key],
        message: `${what}: ${shown.join(' -> ')}`,
        hint: 'take one of these references out',
      },
    };
  });
}

/** A ring of tasks within a knot, beginning with the one that is listed first. */
function ringIn(knot: readonly number[], edges: readonly (readonly number[])[]): number[] {
  const inside = new Set(knot);
  const walk: number[] = [];
  const seen = new Set<number>();
  let at = Math.min(...knot);
  while (!seen.has(at)) {
    seen.add(at);
    walk.push(at);
    at = edges[at]?.find((to) => inside.has(to)) ?? at;
  }
  const ring = walk.slice(walk.indexOf(at));
  const first = ring.indexOf(ring.reduce((low, index) => Math.min(low, index)));
  return [...ring.slice(first), ...ring.slice(0, first)];
}
