import { parseAssignment, parseRemoval } from '../../../../compose/tasks/assignment.ts';
import { readAttempts } from '../../../../compose/tasks/attempt-input.ts';
import { updateTask } from '../../../../compose/tasks/change.ts';
import { EXIT } from '../../exit-code.ts';
import { CommandFailure } from '../../run-command.ts';
import { need, printChanged, TASK_ARGUMENT, type TaskOptions, taskProgram } from '../../task-command.ts';

interface Parsed extends TaskOptions {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly addAttempt?: readonly string[];
}

/** `task update <id>`: sets and removes keys and adds attempts, all of it or nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = taskProgram('update', 'change keys of a task, or add an attempt to it')
    .argument(...TASK_ARGUMENT)
    .option('--set <key=value>', 'such as priority=high or labels=api,cli; may be repeated', again)
    .option('--unset <key>', 'takes a key out; may be repeated', again)
    .option('--add-attempt <json>', 'an attempt of an agent; - reads standard input', again)
    .addHelpText(
      'after',
      `
An attempt, as other orchestrators may record them:
  {"started_at": "2025-11-02T15:03:00Z", "ended_at": "2025-11-02T15:05:00Z",
   "duration_seconds": 120, "status": "completed",
   "executor": {"tool": "claude-code", "model": "claude-sonnet-4-20250514"}}`,
    );
  program.parse([...argv], { from: 'user' });
  const options = program.opts<Parsed>();
  const { set = [], unset = [], addAttempt = [] } = options;
  const changes = [
    ...set.map((typed) => need(parseAssignment(typed))),
    ...unset.map((typed) => need(parseRemoval(typed))),
  ];
  const attempts = addAttempt.flatMap((given) => need(readAttempts(given)));
  if (changes.length + attempts.length === 0) throw new CommandFailure(NOTHING, EXIT.usage);
  const updated = need(updateTask(process.cwd(), program.args[0] ?? '', { changes, attempts }));
  await printChanged(updated, 'updated', options);
  return EXIT.done;
}

function again(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

const NOTHING = {
  code: 'usage',
  message: 'there is nothing to change',
  hint: 'give --set key=value, --unset key or --add-attempt; murmur8 task update --help says more',
};
