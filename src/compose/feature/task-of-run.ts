import type { Problem } from '../../core/problem.ts';
import { ok, type Result } from '../../core/result.ts';
import { createRepository } from '../../edges/git/repository.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { namedTask, type TaskLink } from '../tasks/run-link.ts';
import { readRunTask, writeRunTask } from '../tasks/run-task.ts';

/** The task that was named with `--task`, looked for before anything is made. Problems: see `namedTask`. */
export async function taskNamed(asked: {
  readonly cwd: string;
  readonly task: string | undefined;
}): Promise<Result<TaskLink | undefined>> {
  if (asked.task === undefined) return ok(undefined);
  const here = await createRepository(asked.cwd).state();
  if (!here.ok) return here;
  return namedTask({ cwd: asked.cwd, mainRoot: here.value.mainRoot }, asked.task);
}

/** A run that goes on belongs to this task from now on; what it was before stays with the task of before. */
export function belongToTask(
  run: Pick<HeldRun, 'directory'>,
  link: TaskLink,
  warn: (problem: Problem) => void,
): void {
  const known = readRunTask(run.directory);
  const written = known.ok ? writeRunTask(run.directory, { ...known.value, link }) : known;
  if (!written.ok) warn(written.error);
}
