import { ok, type Result } from '../../core/result.ts';
import type { TaskChange } from '../../core/task/change.ts';
import { readMoment } from '../../core/task/moment.ts';
import type { ParsedTask } from '../../core/task/parse-task.ts';
import type { TaskProblem } from '../../core/task/problem.ts';
import { type PlacedTask, referenceFindings } from '../../core/task/references.ts';
import { readTaskFileName, taskPath } from '../../core/task/task-path.ts';
import { changeTask } from '../../edges/task/change-task.ts';
import { findTask } from '../../edges/task/find-task.ts';
import { type ListedTask, listTasks } from '../../edges/task/list-tasks.ts';
import type { TaskFile } from '../../edges/task/task-files.ts';
import { keyPlace } from './key-place.ts';
import { nameBelow, tasksRootOf } from './place.ts';

export interface Validation {
  /** Files that were looked at. */
  readonly files: number;
  readonly problems: readonly TaskProblem[];
}

/** What would be put right in one file, or was. */
export interface Fix {
  readonly file: TaskFile;
  /** Where it goes, if anywhere else. */
  readonly to?: TaskFile;
  /** Its front matter, up to the end of the line that closes it. */
  readonly before: string;
  readonly after: string;
}

/** Everything that is wrong with the tasks, or with those that are named: structure, references, cycles, places. */
export function validateTasks(cwd: string, wanted: readonly string[]): Result<Validation> {
  const root = tasksRootOf(cwd);
  if (!root.ok) return wanted.length === 0 ? ok({ files: 0, problems: [] }) : root;
  const named = namedFiles(root.value, cwd, wanted);
  if (!named.ok) return named;
  const { tasks, unreadable, problems } = listTasks(root.value);
  const others = unreadable.flatMap(({ file }) => readTaskFileName(file.name)?.id ?? []);
  const all = [
    ...problems.map((problem): TaskProblem => ({ ...problem, severity: 'error', path: '' })),
    ...unreadable.flatMap(({ task }) => task.problems),
    ...tasks.flatMap((task) => task.problems),
    ...betweenTasks(tasks, others),
  ];
  const inOrder = all.sort(
    (one, other) => compare(one.file ?? '', other.file ?? '') || (one.line ?? 0) - (other.line ?? 0),
  );
  const asked = named.value;
  return ok({
    files: asked?.size ?? tasks.length + unreadable.length,
    problems:
      asked === undefined ? inOrder : inOrder.filter(({ file }) => file !== undefined && asked.has(file)),
  });
}

/**
 * What can be put right without a person's decision: files go to where their state puts them, and times without an offset
 * get the one that they are read with. Nothing is ever taken out. With `dryRun` nothing is written.
 */
export function fixTasks(
  cwd: string,
  wanted: readonly string[],
  dryRun: boolean,
): Result<{ readonly fixes: readonly Fix[]; readonly failed: readonly TaskProblem[] }> {
  const root = tasksRootOf(cwd);
  if (!root.ok) return wanted.length === 0 ? ok({ fixes: [], failed: [] }) : root;
  const named = namedFiles(root.value, cwd, wanted);
  if (!named.ok) return named;
  const fixes: Fix[] = [];
  const failed: TaskProblem[] = [];
  for (const task of listTasks(root.value).tasks) {
    if (named.value?.has(task.file.shown) === false || !isFixable(task)) continue;
    const changed = changeTask(
      root.value,
      task.file.shown,
      (now) => ok({ changes: exactTimes(now), moves: true }),
      { dryRun },
    );
    if (!changed.ok) {
      failed.push({
        ...changed.error,
        file: changed.error.file ?? task.file.shown,
        severity: 'error',
        path: '',
      });
      continue;
    }
    const { file, previousFile, before, after } = changed.value;
    const moved = file.shown === previousFile.shown ? {} : { to: file };
    fixes.push({ file: previousFile, ...moved, before, after });
  }
  return ok({ fixes, failed });
}

/** The paths of the files that are named; undefined for all. */
function namedFiles(
  root: string,
  cwd: string,
  wanted: readonly string[],
): Result<ReadonlySet<string> | undefined> {
  if (wanted.length === 0) return ok(undefined);
  const shown = new Set<string>();
  for (const name of wanted) {
    const found = findTask(root, nameBelow(root, cwd, name));
    if (!found.ok) return found;
    shown.add(found.value.shown);
  }
  return ok(shown);
}

function betweenTasks(tasks: readonly ListedTask[], others: readonly string[]): TaskProblem[] {
  const placed = tasks.map(
    ({ meta, file }): PlacedTask => ({ meta, path: `${file.directory}/${file.name}` }),
  );
  return referenceFindings(placed, others).flatMap(({ task, finding, code }) => {
    const about = tasks[task];
    if (about === undefined) return [];
    const { path, isOfKey: _, message = '', ...told } = finding;
    return [
      { ...told, code, message, path: path.join('.'), file: about.file.shown, ...keyPlace(about.file, path) },
    ];
  });
}

function isFixable(task: ListedTask): boolean {
  const { file, meta } = task;
  return `${file.directory}/${file.name}` !== taskPath(meta) || exactTimes(task).length > 0;
}

/** Times that are read as UTC say so. */
function exactTimes({ raw, problems }: ParsedTask): TaskChange[] {
  return problems.flatMap(({ severity, path: dotted }): TaskChange[] => {
    const path = dotted.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const value = severity === 'warning' ? path.reduce(inside, raw) : undefined;
    const precision = typeof value === 'string' ? readMoment(value)?.precision : undefined;
    if (precision === undefined || precision === 'exact') return [];
    return [{ kind: 'set', path, value: `${String(value)}${precision === 'date' ? 'T00:00:00Z' : 'Z'}` }];
  });
}

function inside(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[step];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
