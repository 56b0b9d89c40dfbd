import { moveTask } from '../../../../compose/tasks/change.ts';
import { EXIT } from '../../exit-code.ts';
import { need, printChanged, TASK_ARGUMENT, type TaskOptions, taskProgram } from '../../task-command.ts';

/** `task move <id> <state>`: another state, and the file goes to its directory. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = taskProgram('move', 'take a task to another state')
    .argument(...TASK_ARGUMENT)
    .argument('<state>', 'idea, ready, in-progress, done or canceled');
  program.parse([...argv], { from: 'user' });
  const [wanted = '', state = ''] = program.args;
  await printChanged(need(moveTask(process.cwd(), wanted, state)), 'moved', program.opts<TaskOptions>());
  return EXIT.done;
}
