import { relative, resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { findWorkingTree } from '../../edges/blueprint/project-root.ts';
import { findTasksRoot } from '../../edges/task/tasks-root.ts';

/** The directory whose `tasks/` is meant by a command typed in `cwd`. Problem `no-tasks` where there is none. */
export function tasksRootOf(cwd: string): Result<string> {
  const root = findTasksRoot(cwd);
  if (root !== undefined) return ok(root);
  return fail({
    code: 'no-tasks',
    message: 'there is no directory tasks/ here or above',
    hint: 'murmur8 task new <id> --title <text> makes it, with a first task',
  });
}

/** Where a new task goes: beside the others, else into the repository's root, else here. */
export function rootForNew(cwd: string): string {
  return findTasksRoot(cwd) ?? findWorkingTree(cwd) ?? cwd;
}

/** How a task is named below a root: a path from `cwd` is one from there too, and everything else stays. */
export function nameBelow(root: string, cwd: string, wanted: string): string {
  if (!wanted.includes('/') && !wanted.includes(sep)) return wanted;
  const path = relative(root, resolve(cwd, wanted)).replaceAll(sep, '/');
  return path.startsWith('tasks/') ? path : wanted;
}
