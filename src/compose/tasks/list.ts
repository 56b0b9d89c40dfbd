import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import type { TaskProblem } from '../../core/task/problem.ts';
import { type ListedTask, listTasks } from '../../edges/task/list-tasks.ts';
import { readTaskFile } from '../../edges/task/read-task.ts';
import { findTasksRoot } from '../../edges/task/tasks-root.ts';
import { type TaskFilter, testFor } from './filter.ts';

export type { ListedTask };

export interface Tasks {
  /** By directory and name of their files. */
  readonly tasks: readonly ListedTask[];
  /** Why files are left out. What is odd about the others is told by `task validate`. */
  readonly problems: readonly TaskProblem[];
  /** False where there is no `tasks/` at all. */
  readonly isThere: boolean;
}

/** The tasks that are asked for. A file that cannot be read is a problem beside the others; it never stops them. */
export function tasksAt(cwd: string, filter: TaskFilter = {}): Result<Tasks> {
  const isWanted = testFor(filter);
  if (!isWanted.ok) return isWanted;
  const root = findTasksRoot(cwd);
  if (root === undefined) return ok({ tasks: [], problems: [], isThere: false });
  const listing = listTasks(root);
  const tasks = listing.tasks.filter(({ meta, file }) => isWanted.value(meta, () => readTaskFile(file).body));
  const problems = [
    ...listing.problems.map((problem): TaskProblem => ({ ...problem, severity: 'error', path: '' })),
    ...listing.unreadable.flatMap(({ task }) => task.problems.filter(({ severity }) => severity === 'error')),
  ];
  return ok({ tasks, problems, isThere: true });
}
