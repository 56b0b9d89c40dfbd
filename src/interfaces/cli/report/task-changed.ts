import type { ChangedTask } from '../../../compose/tasks/change.ts';
import { taskItem } from '../../../compose/tasks/item.ts';
import type { TaskChangeDocument } from '../../contract/task.ts';
import { oneLine } from './one-line.ts';

/** What became of a task, in one line. */
export function changedAsText(
  { file, previousFile, before, after, task }: ChangedTask,
  verb: string,
): string {
  const id = oneLine(task.meta?.id ?? file.name, 80);
  const moved = file.shown !== previousFile.shown;
  if (!moved && before === after) return `${id}: nothing to change, ${oneLine(file.shown, 200)}\n`;
  return `${verb} ${id}: ${oneLine(file.shown, 200)}\n`;
}

/** The same for programs. */
export function changedDocument({
  file,
  previousFile,
  before,
  after,
  task,
}: ChangedTask): TaskChangeDocument {
  const moved = file.shown !== previousFile.shown;
  return {
    task: task.meta === undefined ? null : taskItem(task.meta, file.shown),
    changed: moved || before !== after,
    moved_from: moved ? previousFile.shown : null,
    problems: [...task.problems],
  };
}
