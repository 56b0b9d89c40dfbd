import type { TaskFilter } from '../../../../compose/tasks/filter.ts';
import { taskStats } from '../../../../compose/tasks/stats.ts';
import { EXIT } from '../../exit-code.ts';
import { styleFor } from '../../report/style.ts';
import { formatLeftOut } from '../../report/task-problems.ts';
import { statsAsText } from '../../report/task-stats.ts';
import { statsDocument } from '../../report/task-stats-document.ts';
import { need, print, printJson, type TaskOptions, taskProgram, wantsJson } from '../../task-command.ts';
import { filterFrom, withFilters } from '../../task-filters.ts';

/** `task stats`: how the attempts went. Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = withFilters(
    taskProgram('stats', 'show how the attempts went: times, retries, success by model'),
  );
  program.parse([...argv], { from: 'user' });
  const options = program.opts<TaskOptions & TaskFilter>();
  const stats = need(taskStats(process.cwd(), filterFrom(options)));
  process.stderr.write(formatLeftOut(stats.problems));
  if (wantsJson(options)) await printJson(statsDocument(stats));
  else await print(statsAsText(stats, await styleFor(process.stdout)));
  return EXIT.done;
}
