import type { TaskFilter } from '../../../../compose/tasks/filter.ts';
import { taskItem } from '../../../../compose/tasks/item.ts';
import { type ListedTask, tasksAt } from '../../../../compose/tasks/list.ts';
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
  const { tasks, problems } = need(tasksAt(process.cwd(), filter));
  process.stderr.write(formatLeftOut(problems));
  if (!wantsJson(options)) {
    const metas = tasks.map(({ meta }) => meta);
    await print(taskListAsText(metas, await styleFor(process.stdout), Object.keys(filter).length > 0));
    return EXIT.done;
  }
  await printArray(tasks);
  return EXIT.done;
}

/** In pieces, each written at once: ten thousand tasks are some megabytes of text. */
async function printArray(tasks: readonly ListedTask[]): Promise<void> {
  for (let start = 0; start < tasks.length; start += PIECE) {
    const items = tasks.slice(start, start + PIECE).map(({ meta, file }) => taskItem(meta, file.shown));
    // Without the brackets around each piece, the pieces are one array.
    await print(`${start === 0 ? '[' : ','}${JSON.stringify(items, null, 2).slice(1, -2)}`);
  }
  await print(tasks.length === 0 ? '[]\n' : '\n]\n');
}

const PIECE = 200;
