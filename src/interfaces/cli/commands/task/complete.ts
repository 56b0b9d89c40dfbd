import { moveTask } from '../../../../compose/tasks/change.ts';
import { EXIT } from '../../exit-code.ts';
import { need, printChanged, TASK_ARGUMENT, type TaskOptions, taskProgram } from '../../task-command.ts';

/** `task complete <id>`: done, with the time of completion. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = taskProgram('complete', 'take a task to done, with the time of completion').argument(
    ...TASK_ARGUMENT,
  );
  program.parse([...argv], { from: 'user' });
  const moved = need(moveTask(process.cwd(), program.args[0] ?? '', 'done'));
  await printChanged(moved, 'completed', program.opts<TaskOptions>());
  return EXIT.done;
}
