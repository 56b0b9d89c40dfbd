import { type Command, Option } from 'commander';
import { readBody } from '../../../../compose/tasks/body-input.ts';
import { newTask } from '../../../../compose/tasks/change.ts';
import {
  TASK_AMBIGUITIES,
  TASK_EXECUTORS,
  TASK_ISOLATIONS,
  TASK_KINDS,
  TASK_PRIORITIES,
  TASK_SIZES,
  TASK_STATES,
  type TaskKind,
  type TaskMetaInput,
  type TaskState,
} from '../../../../core/task/meta.ts';
import { EXIT } from '../../exit-code.ts';
import { given } from '../../option-values.ts';
import { CommandFailure } from '../../run-command.ts';
import { need, printChanged, type TaskOptions, taskProgram } from '../../task-command.ts';

type Described = Pick<
  TaskMetaInput,
  'priority' | 'size' | 'ambiguity' | 'executor' | 'isolation' | 'parent' | 'touches' | 'blocks'
>;

interface Parsed extends TaskOptions, Described {
  readonly title?: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly label?: string[];
  readonly assignee?: string[];
  readonly dependsOn?: string[];
  readonly commitMessage?: string;
  readonly body?: string;
}

/** `task new <id> --title <text>`: a file in the directory of its state. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newTaskProgram();
  program.parse([...argv], { from: 'user' });
  const options = program.opts<Parsed>();
  const {
    output: _,
    json: _json,
    body,
    label,
    assignee,
    dependsOn,
    commitMessage,
    title,
    ...described
  } = options;
  if (title === undefined) throw new CommandFailure(NO_TITLE, EXIT.usage);
  const meta = {
    id: program.args[0] ?? '',
    title,
    ...described,
    ...given('labels', label),
    ...given('assignees', assignee),
    ...given('depends_on', dependsOn),
    ...given('commit_message', commitMessage),
  };
  const text = given('body', body === undefined ? undefined : need(readBody(body)));
  await printChanged(need(newTask(process.cwd(), { meta, ...text })), 'created', options);
  return EXIT.done;
}

function newTaskProgram(): Command {
  return taskProgram('new', 'write a new task')
    .argument('<id>', 'lower-case letters, digits and hyphens')
    .option('--title <text>', 'what it is about, in one line; it has to be given')
    .addOption(new Option('--kind <kind>', 'how large a thing it is').choices(TASK_KINDS).default('task'))
    .addOption(new Option('--state <state>', 'where it begins').choices(TASK_STATES).default('idea'))
    .addOption(new Option('--priority <word>', 'normal, if not given').choices(TASK_PRIORITIES))
    .addOption(new Option('--size <word>', 'medium, if not given').choices(TASK_SIZES))
    .addOption(new Option('--ambiguity <word>', 'low, if not given').choices(TASK_AMBIGUITIES))
    .addOption(new Option('--executor <word>', 'standard, if not given').choices(TASK_EXECUTORS))
    .addOption(new Option('--isolation <word>', 'module, if not given').choices(TASK_ISOLATIONS))
    .option('--parent <id>', 'the task that it is part of')
    .option('--label <list>', 'labels, with commas; may be repeated', words)
    .option('--assignee <list>', 'who does it', words)
    .option('--touches <list>', 'files and globs that it is going to change', words)
    .option('--depends-on <list>', 'tasks that have to be done before it', words)
    .option('--blocks <list>', 'tasks that wait for it', words)
    .option('--commit-message <text>', 'for the commit that completes it')
    .option('--body <text>', 'Markdown below the front matter; - reads standard input');
}

function words(text: string, before: readonly string[] = []): string[] {
  const added = text.split(',').map((word) => word.trim());
  return [...before, ...added.filter((word) => word !== '')];
}

const NO_TITLE = {
  code: 'usage',
  message: 'a task needs a title',
  hint: 'add --title <text>; murmur8 task new --help lists what else it takes',
};
