import { taskItem } from '../../../../compose/tasks/item.ts';
import { showTask } from '../../../../compose/tasks/show.ts';
import type { TaskDetailsDocument } from '../../../contract/task.ts';
import { EXIT } from '../../exit-code.ts';
import { styleFor } from '../../report/style.ts';
import { formatTaskProblems } from '../../report/task-problems.ts';
import { taskAsText } from '../../report/task-show.ts';
import {
  need,
  print,
  printJson,
  TASK_ARGUMENT,
  type TaskOptions,
  taskProgram,
  wantsJson,
} from '../../task-command.ts';

/** `task show <id>`: a task, its attempts and its text. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = taskProgram('show', 'show a task, its attempts and its text').argument(...TASK_ARGUMENT);
  program.parse([...argv], { from: 'user' });
  const { file, task } = need(showTask(process.cwd(), program.args[0] ?? ''));
  const { meta, body, problems } = task;
  const exit = meta === undefined ? EXIT.failed : EXIT.done;
  if (wantsJson(program.opts<TaskOptions>())) {
    const item = meta === undefined ? null : taskItem(meta, file.shown);
    const document: TaskDetailsDocument = { task: item, body, problems: [...problems] };
    await printJson(document);
    return exit;
  }
  process.stderr.write(formatTaskProblems(problems, await styleFor(process.stderr)));
  if (meta !== undefined)
    await print(taskAsText({ meta, file: file.shown, body }, await styleFor(process.stdout)));
  return exit;
}
