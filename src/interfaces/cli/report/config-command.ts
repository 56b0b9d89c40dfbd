import { type ConfigEditor, type ConfigKind, openConfig } from '../../../compose/config.ts';
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

/** The one implementation of `retry-config`, `feedback-config`, `cost-config` and `stack-config`. */
export async function runConfigCommand(
  kind: ConfigKind,
  summary: string,
  argv: readonly string[],
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
      .action((...words: unknown[]) => act(kind, verb, words));
  }
  program.parse([...argv], { from: 'user' });
  return EXIT.done;
}

/** commander hands over the arguments, then the options, then itself. */
function act(kind: ConfigKind, verb: string, words: readonly unknown[]): void {
  const options = words[words.length - 2] as Options;
  const [key, value] = words.slice(0, -2).map((word) => (typeof word === 'string' ? word : undefined));
  const editor = openConfig(kind, process.cwd(), options.stateDir);
  const result = perform(editor, verb, key, value);
  if (!result.ok) throw new CommandFailure(result.error, exitCodeOf(result.error, verb));
  process.stdout.write(
    options.json === true ? configAsJson(result.value) : configAsText(result.value, editor.path),
  );
}

function perform<Kind extends ConfigKind>(
  editor: ConfigEditor<Kind>,
  verb: string,
  key: string | undefined,
  value: string | undefined,
): Result<Readonly<Record<string, unknown>>> {
  if (verb === 'set') return editor.set(key ?? '', value ?? '');
  return verb === 'reset' ? editor.reset(key) : editor.read();
}

function exitCodeOf(problem: Problem, verb: string): number {
  if (CONFLICT_CODES.has(problem.code)) return EXIT.conflict;
  return verb !== 'show' && USAGE_CODES.has(problem.code) ? EXIT.usage : EXIT.failed;
}
