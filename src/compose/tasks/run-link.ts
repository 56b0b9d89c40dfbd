import { join, relative, resolve } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import { findWorkingTree } from '../../edges/blueprint/project-root.ts';
import { findTask } from '../../edges/task/find-task.ts';
import { readTaskHead } from '../../edges/task/read-task.ts';
import { findTasksRoot } from '../../edges/task/tasks-root.ts';
import { tasksRootOf } from './place.ts';

/** Which task a run belongs to. */
export interface TaskLink {
  readonly id: string;
  /** Absolute; the directory that holds `tasks/`. */
  readonly root: string;
}

/** Where the tasks of a run are looked for. Absolute. */
export interface RunPlace {
  /** Where its command was typed; its working tree where that is not known. */
  readonly cwd: string;
  readonly mainRoot: string;
}

/** The task that a user has named for a run. Problems: `no-tasks`, `task-not-found`, `task-ambiguous`. */
export function namedTask(place: RunPlace, wanted: string): Result<TaskLink> {
  const link = linkedTask(place, wanted);
  if (link !== undefined) return ok(link);
  const root = tasksRootOf(rootsOf(place)[0] ?? place.cwd);
  if (!root.ok) return root;
  const found = findTask(root.value, wanted);
  return found.ok ? ok({ id: wanted, root: root.value }) : found;
}

/** The task whose id (or file) this is; undefined where there is none, and where several are called so. */
export function linkedTask(place: RunPlace, wanted: string): TaskLink | undefined {
  for (const root of rootsOf(place)) {
    const file = findTask(root, wanted);
    if (!file.ok) continue;
    const { id } = readTaskHead(file.value).raw;
    return { id: typeof id === 'string' ? id : wanted, root };
  }
  return undefined;
}

/**
 * The main working tree comes first: what a run tells of itself is no part of the branch that it works on, and has to
 * outlive a working tree of its own.
 */
export function rootsOf({ cwd, mainRoot }: RunPlace): string[] {
  const tree = findWorkingTree(cwd) ?? cwd;
  const inMain = resolve(join(mainRoot, relative(tree, cwd)));
  const roots = [findTasksRoot(inMain), findTasksRoot(cwd)];
  return [...new Set(roots.filter((root) => root !== undefined))];
}
