import { ok, type Result } from '../../core/result.ts';
import type { TaskProblem } from '../../core/task/problem.ts';
import {
  type AttemptFigures,
  attemptFigures,
  type TaskStatistics,
  taskStatistics,
} from '../../core/task/statistics.ts';
import type { TaskFilter } from './filter.ts';
import { tasksAt } from './list.ts';

export interface TaskStats {
  readonly statistics: TaskStatistics;
  /** Of each task that was attempted, in the order of the files. */
  readonly eachTask: readonly { readonly id: string; readonly figures: AttemptFigures }[];
  /** Why files are left out. */
  readonly problems: readonly TaskProblem[];
}

/** What the attempts at the tasks that are asked for say; it uses nothing but what `task list` gives. */
export function taskStats(cwd: string, filter: TaskFilter): Result<TaskStats> {
  const found = tasksAt(cwd, filter);
  if (!found.ok) return found;
  const metas = found.value.tasks.map(({ meta }) => meta);
  const eachTask = metas.flatMap(({ id, execution }) => {
    const figures = attemptFigures(execution?.attempts ?? []);
    return figures === undefined ? [] : [{ id, figures }];
  });
  return ok({ statistics: taskStatistics(metas), eachTask, problems: found.value.problems });
}
