import type { Command } from 'commander';
import { type ConfigEditor, type ConfigKind, type ConfigOf, openConfig } from '../../../compose/config.ts';
import type { Problem } from '../../../core/problem.ts';
import type { Result } from '../../../core/result.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
import { configAsJson, configAsText } from './config.ts';

interface Options {
  readonly json?: boolean;
  readonly stateDir?: string;
}

/** Problems that a different command line would avoid; all others lie in the file. */
const USAGE_CODES = new Set(['unknown-key', 'bad-value', 'bad-config']);
const CONFLICT_CODES = new Set(['newer-format', 'busy']);

/** What a configuration has besides `show`, `set` and `reset`. */
export interface ConfigCommandExtras<Kind extends ConfigKind> {
  /** The configuration as it may be shown. */
  readonly shown?: (config: ConfigOf<Kind>) => Readonly<Record<string, unknown>>;
  readonly addCommands?: (program: Command) => void;
}

/** The one implementation of `retry-config`, `feedback-config` and their like. */
export async function runConfigCommand<Kind extends ConfigKind>(
  kind: Kind,
  summary: string,
  argv: readonly string[],
  extras: ConfigCommandExtras<Kind> = {},
): Promise<number> {
  const program = newProgram(`${kind}-config`, summary);
  const wording = [
    ['show', 'show what is in force (default)'],
    ['set <key> <value>', 'set one key, dotted where it lies deeper'],
    ['reset [key]', 'take one key, or all of them, back to the default'],
  ] as const;
  for (const [usage, description] of wording) {
    const verb = usage.split(' ')[0] ?? usage;
    program
      .command(usage, verb === 'show' ? { isDefault: true } : {})
      .description(description)
      .option('--json', 'print JSON')
      .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)')
      .action((...words: unknown[]) => act(kind, verb, words, extras));
  }
  extras.addCommands?.(program);
  await program.parseAsync([...argv], { from: 'user' });
  return EXIT.done;
}

/** commander hands over the arguments, then the options, then itself. */
function act<Kind extends ConfigKind>(
  kind: Kind,
  verb: string,
  words: readonly unknown[],
  extras: ConfigCommandExtras<Kind>,
): void {
  const options = words[words.length - 2] as Options;
  const [key, value] = words.slice(0, -2).map((word) => (typeof word === 'string' ? word : undefined));
  const editor = openConfig(kind, process.cwd(), options.stateDir);
  printConfig(editor, perform(editor, verb, key, value), options.json === true, verb, extras.shown);
}

/** Prints a configuration, or ends the command with the problem. `verb` is what was asked for. */
export function printConfig<Kind extends ConfigKind>(
  editor: ConfigEditor<Kind>,
  result: Result<ConfigOf<Kind>>,
  asJson: boolean,
  verb: string,
  shown: ConfigCommandExtras<Kind>['shown'] = (config) => config,
): void {
  if (!result.ok) throw new CommandFailure(result.error, exitCodeOf(result.error, verb));
  const config = shown(result.value);
  process.stdout.write(asJson ? configAsJson(config) : configAsText(config, editor.path));
}

function perform<Kind extends ConfigKind>(
  editor: ConfigEditor<Kind>,
  verb: string,
  key: string | undefined,
  value: string | undefined,
): Result<ConfigOf<Kind>> {
  if (verb === 'set') return editor.set(key ?? '', value ?? '');
  return verb === 'reset' ? editor.reset(key) : editor.read();
}

function exitCodeOf(problem: Problem, verb: string): number {
  if (CONFLICT_CODES.has(problem.code)) return EXIT.conflict;
  return verb !== 'show' && USAGE_CODES.has(problem.code) ? EXIT.usage : EXIT.failed;
}
