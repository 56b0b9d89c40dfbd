import { nearestTo } from '../../core/nearest.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTaskFileName } from '../../core/task/task-path.ts';
import { readTaskHead } from './read-task.ts';
import { listTaskFiles, namedTaskFiles, type TaskFile } from './task-files.ts';

/**
 * The file of a task, by its id, its file's name, or its path from the root. The names of the files are looked at first,
 * and only where none tells the id are all of them opened. Problems: `task-not-found`, `task-ambiguous`.
 */
export function findTask(root: string, wanted: string): Result<TaskFile> {
  const named = namedTaskFiles(
    root,
    (name) =>
      name.includes(wanted) &&
      (name === wanted || name === `${wanted}.md` || readTaskFileName(name)?.id === wanted),
  );
  const likely = named.filter((file) => !saysAnotherId(file, wanted));
  const found = likely.length > 0 ? likely : elsewhere(root, wanted);
  const [first, second] = found;
  if (first === undefined) return fail(notFound(root, wanted));
  return second === undefined ? ok(first) : fail(ambiguous(wanted, found));
}

/** By its path, and by an id that its name does not tell. */
function elsewhere(root: string, wanted: string): readonly TaskFile[] {
  const { files } = listTaskFiles(root);
  const byPath = files.find(({ shown, path }) => shown === wanted || path === wanted);
  if (byPath !== undefined) return [byPath];
  return wanted.includes('/') ? [] : files.filter((file) => readTaskHead(file).raw['id'] === wanted);
}

/** A file whose front matter cannot be read is still the one with that name. */
function saysAnotherId(file: TaskFile, wanted: string): boolean {
  const id = readTaskHead(file).raw['id'];
  return typeof id === 'string' && id !== wanted && readTaskFileName(file.name)?.id === wanted;
}

function notFound(root: string, wanted: string): Problem {
  const ids = listTaskFiles(root).files.flatMap(({ name }) => readTaskFileName(name)?.id ?? []);
  const near = nearestTo(wanted, ids);
  return {
    code: 'task-not-found',
    message: `there is no task ${JSON.stringify(wanted)} in ${root}/tasks`,
    hint: near === undefined ? 'murmur8 task list shows all of them' : `did you mean ${near}?`,
  };
}

function ambiguous(wanted: string, found: readonly TaskFile[]): Problem {
  return {
    code: 'task-ambiguous',
    message: `${found.length} files are called ${wanted}: ${found.map(({ shown }) => shown).join(', ')}`,
    hint: 'give the path of the one that is meant',
  };
}
