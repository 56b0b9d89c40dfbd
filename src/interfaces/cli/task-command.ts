import { type Command, Option } from 'commander';
import type { ChangedTask } from '../../compose/tasks/change.ts';
import type { Result } from '../../core/result.ts';
import { parseTask } from '../../core/task/parse-task.ts';
import { EXIT } from './exit-code.ts';
import { newProgram } from './program.ts';
import { styleFor } from './report/style.ts';
import { changedAsText, changedDocument } from './report/task-changed.ts';
import { formatTaskProblems } from './report/task-problems.ts';
import { CommandFailure } from './run-command.ts';

/** How each command of `task` prints. */
export interface TaskOptions {
  readonly output: 'human' | 'json';
  readonly json?: boolean;
}

const EXITS: Readonly<Record<string, number>> = {
  'task-not-found': EXIT.notFound,
  'no-tasks': EXIT.notFound,
  'task-exists': EXIT.conflict,
  'tasks-locked': EXIT.conflict,
  'task-ambiguous': EXIT.usage,
  // What was typed would break a rule that the file kept before.
  'task-invalid': EXIT.usage,
  'bad-task': EXIT.usage,
  'bad-attempt': EXIT.usage,
  usage: EXIT.usage,
};

/** A command of `task`, with the options that all of them take. */
export function taskProgram(name: string, summary: string): Command {
  return newProgram(`task ${name}`, summary)
    .addOption(new Option('--output <form>', 'what is printed').choices(['human', 'json']).default('human'))
    .option('--json', 'the same as --output json');
}

export function wantsJson({ output, json }: TaskOptions): boolean {
  return json === true || output === 'json';
}

/** The value, or the command's end with the exit code that suits its problem (spec: pipelines 9). */
export function need<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandFailure(result.error, EXITS[result.error.code] ?? EXIT.failed);
}

/** The task that a command is about, as its first argument. */
export const TASK_ARGUMENT = ['<task>', 'its id, or the path of its file'] as const;

/** To standard output. Waits for a slow reader, so that a long list does not pile up in memory. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
}

export function printJson(document: unknown): Promise<void> {
  return print(`${JSON.stringify(document, null, 2)}\n`);
}

/** Says what became of a task; what is wrong with it, and what is odd about what was changed, on standard error. */
export async function printChanged(changed: ChangedTask, verb: string, options: TaskOptions): Promise<void> {
  if (wantsJson(options)) return printJson(changedDocument(changed));
  const known = new Set(parseTask(changed.before, '').problems.map(({ message }) => message));
  const told = changed.task.problems.filter(
    ({ severity, message }) => severity === 'error' || !known.has(message),
  );
  process.stderr.write(formatTaskProblems(told, await styleFor(process.stderr)));
  return print(changedAsText(changed, verb));
}
