import type { Problem } from '../../core/problem.ts';
import type { TaskMeta } from '../../core/task/meta.ts';
import type { ParsedTask } from '../../core/task/parse-task.ts';
import { readTaskHead } from './read-task.ts';
import { listTaskFiles, type TaskFile } from './task-files.ts';

/** A task as a listing knows it: without its body. */
export interface ListedTask extends ParsedTask {
  readonly file: TaskFile;
  readonly meta: TaskMeta;
  /** Where there is nothing to be said about a task, the same as `meta`: thousands of them are held at once. */
  readonly raw: ParsedTask['raw'];
}

export interface TaskListing {
  /** By directory and name of their files. */
  readonly tasks: readonly ListedTask[];
  /** Files that are no valid tasks, with everything that is wrong with each. */
  readonly unreadable: readonly { readonly file: TaskFile; readonly task: ParsedTask }[];
  /** Directories and links that cannot be read. */
  readonly problems: readonly Problem[];
}

/** The same, with each task read when it is asked for; what is unreadable is known at the end. */
export interface TaskReading extends Omit<TaskListing, 'tasks'> {
  readonly tasks: Iterable<ListedTask>;
}

/** All tasks below a root. A bad file never stops a listing; of every file only the front matter is read. */
export function listTasks(root: string): TaskListing {
  const { tasks, unreadable, problems } = readTasks(root);
  return { tasks: [...tasks], unreadable, problems };
}

/** All tasks below a root, of which none is held: what takes them one by one needs little memory. */
export function readTasks(root: string): TaskReading {
  const { files, problems } = listTaskFiles(root);
  const unreadable: { file: TaskFile; task: ParsedTask }[] = [];
  return { tasks: readEach(files, unreadable), unreadable, problems };
}

function* readEach(
  files: readonly TaskFile[],
  unreadable: { file: TaskFile; task: ParsedTask }[],
): Generator<ListedTask> {
  for (const file of files) {
    const task = readTaskHead(file);
    const { meta, raw, problems } = task;
    if (meta === undefined) unreadable.push({ file, task });
    else yield { meta, raw: problems.length > 0 ? raw : meta, body: '', problems, file };
  }
}
