import type { TaskFilter } from '../../../../compose/tasks/filter.ts';
import { taskItem } from '../../../../compose/tasks/item.ts';
import { tasksAt } from '../../../../compose/tasks/list.ts';
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
  await printArray(tasks.map(({ meta, file }) => taskItem(meta, file.shown)));
  return EXIT.done;
}

/** In pieces: ten thousand tasks are some megabytes of text. */
async function printArray(items: readonly object[]): Promise<void> {
  let text = '[';
  for (const [index, item] of items.entries()) {
    text += `${index === 0 ? '' : ','}\n  ${JSON.stringify(item, null, 2).replaceAll('\n', '\n  ')}`;
    if (text.length < PIECE) continue;
    await print(text);
    text = '';
  }
  await print(`${text}${items.length === 0 ? '' : '\n'}]\n`);
}

const PIECE = 256 * 1024;
