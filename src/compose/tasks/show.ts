import { ok, type Result } from '../../core/result.ts';
import type { ParsedTask } from '../../core/task/parse-task.ts';
import { findTask } from '../../edges/task/find-task.ts';
import { readTaskFile } from '../../edges/task/read-task.ts';
import type { TaskFile } from '../../edges/task/task-files.ts';
import { nameBelow, tasksRootOf } from './place.ts';

export interface FoundTask {
  readonly file: TaskFile;
  readonly task: ParsedTask;
}

/** One task with its body, by its id, its file's name or its path. */
export function showTask(cwd: string, wanted: string): Result<FoundTask> {
  const root = tasksRootOf(cwd);
  if (!root.ok) return root;
  const file = findTask(root.value, nameBelow(root.value, cwd, wanted));
  return file.ok ? ok({ file: file.value, task: readTaskFile(file.value) }) : file;
}
