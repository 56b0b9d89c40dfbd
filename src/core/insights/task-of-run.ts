import type { RunView } from './run-view.ts';
import type { TaskRow } from './task-rows.ts';

/** The task that a run belongs to: the one with an attempt of it, else the one that is called like its feature. */
export type TaskOfRun = (run: Pick<RunView, 'runId' | 'slug'>) => TaskRow | undefined;

export function indexTasks(tasks: readonly TaskRow[]): TaskOfRun {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const byRun = new Map(
    tasks.flatMap((task) =>
      task.attempts.flatMap(({ runId }) => (runId === undefined ? [] : [[runId, task] as const])),
    ),
  );
  return ({ runId, slug }) => (runId === undefined ? undefined : byRun.get(runId)) ?? byId.get(slug);
}
