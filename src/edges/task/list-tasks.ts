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

/** All tasks below a root. A bad file never stops a listing; of every file only the front matter is read. */
export function listTasks(root: string): TaskListing {
  const { files, problems } = listTaskFiles(root);
  const tasks: ListedTask[] = [];
  const unreadable: { file: TaskFile; task: ParsedTask }[] = [];
  for (const file of files) {
    const task = readTaskHead(file);
    if (task.meta === undefined) unreadable.push({ file, task });
    else
      tasks.push({
        meta: task.meta,
        raw: task.problems.length > 0 ? task.raw : task.meta,
        body: '',
        problems: task.problems,
        file,
      });
  }
  return { tasks, unreadable, problems };
}
