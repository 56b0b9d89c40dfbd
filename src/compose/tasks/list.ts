import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import type { TaskProblem } from '../../core/task/problem.ts';
import { type ListedTask, readTasks } from '../../edges/task/list-tasks.ts';
import { readTaskFile } from '../../edges/task/read-task.ts';
import { findTasksRoot } from '../../edges/task/tasks-root.ts';
import { type TaskFilter, type TaskTest, testFor } from './filter.ts';

export type { ListedTask };

export interface Tasks {
  /** By directory and name of their files. */
  readonly tasks: readonly ListedTask[];
  /** Why files are left out. What is odd about the others is told by `task validate`. */
  readonly problems: readonly TaskProblem[];
  /** False where there is no `tasks/` at all. */
  readonly isThere: boolean;
}

/** The same, with each task read when it is asked for. */
export interface TasksInTurn {
  readonly tasks: Iterable<ListedTask>;
  /** Why files are left out, as far as they have been read. */
  readonly problems: () => readonly TaskProblem[];
  readonly isThere: boolean;
}

/** The tasks that are asked for. A file that cannot be read is a problem beside the others; it never stops them. */
export function tasksAt(cwd: string, filter: TaskFilter = {}): Result<Tasks> {
  const inTurn = tasksInTurn(cwd, filter);
  if (!inTurn.ok) return inTurn;
  const { isThere } = inTurn.value;
  const tasks = [...inTurn.value.tasks];
  return ok({ tasks, problems: inTurn.value.problems(), isThere });
}

/** The same for a caller that needs no task any more when it takes the next one: thousands are not held at once. */
export function tasksInTurn(cwd: string, filter: TaskFilter = {}): Result<TasksInTurn> {
  const isWanted = testFor(filter);
  if (!isWanted.ok) return isWanted;
  const root = findTasksRoot(cwd);
  if (root === undefined) return ok({ tasks: [], problems: () => [], isThere: false });
  const reading = readTasks(root);
  const problems = () => [
    ...reading.problems.map((problem): TaskProblem => ({ ...problem, severity: 'error', path: '' })),
    ...reading.unreadable.flatMap(({ task }) => task.problems.filter(({ severity }) => severity === 'error')),
  ];
  return ok({ tasks: wanted(reading.tasks, isWanted.value), problems, isThere: true });
}

function* wanted(tasks: Iterable<ListedTask>, isWanted: TaskTest): Generator<ListedTask> {
  for (const task of tasks) if (isWanted(task.meta, () => readTaskFile(task.file).body)) yield task;
}
