import type { TaskFilter } from '../../../../compose/tasks/filter.ts';
import { taskItem } from '../../../../compose/tasks/item.ts';
import { type ListedTask, tasksInTurn } from '../../../../compose/tasks/list.ts';
import { EXIT } from '../../exit-code.ts';
import { styleFor } from '../../report/style.ts';
import { taskListAsText } from '../../report/task-list.ts';
import { formatLeftOut } from '../../report/task-problems.ts';
import { need, print, type TaskOptions, taskProgram, wantsJson } from '../../task-command.ts';
import { filterFrom, withFilters } from '../../task-filters.ts';

/** `task list`: what there is to do and what was done; with `--json` an array, as seed 003 has it. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = withFilters(taskProgram('list', 'list tasks, by directory and name of their files'));
  program.parse([...argv], { from: 'user' });
  const options = program.opts<TaskOptions & TaskFilter>();
  const filter = filterFrom(options);
  const { tasks, problems } = need(tasksInTurn(process.cwd(), filter));
  if (wantsJson(options)) {
    await printArray(tasks);
    process.stderr.write(formatLeftOut(problems()));
    return EXIT.done;
  }
  const text = taskListAsText(tasks, await styleFor(process.stdout), Object.keys(filter).length > 0);
  process.stderr.write(formatLeftOut(problems()));
  await print(text);
  return EXIT.done;
}

/** In pieces, each written before the next tasks are read: ten thousand tasks are some megabytes of text. */
async function printArray(tasks: Iterable<ListedTask>): Promise<void> {
  let items: unknown[] = [];
  let isFirst = true;
  const printItems = async () => {
    if (items.length === 0) return;
    // Without the brackets around each piece, the pieces are one array.
    await print(`${isFirst ? '[' : ','}${JSON.stringify(items, null, 2).slice(1, -2)}`);
    items = [];
    isFirst = false;
  };
  for (const { meta, file } of tasks) {
    items.push(taskItem(meta, file.shown));
    if (items.length === PIECE) await printItems();
  }
  await printItems();
  await print(isFirst ? '[]\n' : '\n]\n');
}

const PIECE = 50;
