import { plainText } from '../../core/agent/plain-text.ts';
import { type Problem, placeOf } from '../../core/problem.ts';
import { asTyped } from './as-typed.ts';
import { EXIT } from './exit-code.ts';
import { harmless } from './report/style.ts';

/** A command: takes the words after its name, answers with an exit code. */
export type CommandMain = (argv: readonly string[]) => Promise<number>;

/** Ends a command with a problem that the user can act upon. */
export class CommandFailure extends Error {
  readonly problem: Problem;
  readonly exitCode: number;
  override readonly name = 'CommandFailure';
  constructor(problem: Problem, exitCode: number) {
    super(problem.message);
    this.problem = problem;
    this.exitCode = exitCode;
  }
}

/**
 * `murmur8: place: message` and a hint line, for standard error. Any of them may quote a file, an agent or the name of a
 * path, which must not steer a terminal: message and hint keep their line ends, a place is one line.
 */
export function formatProblem(problem: Problem): string {
  const place = placeOf(problem);
  const hint = problem.hint === undefined ? '' : `hint: ${plainText(asTyped(problem.hint))}\n`;
  return `murmur8: ${place === undefined ? '' : `${harmless(place)}: `}${plainText(problem.message)}\n${hint}`;
}

/** Runs a command as the process's main job and maps every way it can end to an exit code. */
export async function runCommand(main: CommandMain, name: string): Promise<void> {
  process.stdout.on('error', endOnClosedPipe);
  // What is thrown where nobody waits for it, such as in a timer: told like any other, and the end of the process.
  process.on('uncaughtException', (error) => process.exit(report(error)));
  try {
    process.exitCode = await main(process.argv.slice(process.argv[2] === name ? 3 : 2));
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (isCommandFailure(error)) {
    process.stderr.write(formatProblem(error.problem));
    if (isDeveloper() && error.problem.stack !== undefined)
      process.stderr.write(`${plainText(error.problem.stack)}\n`);
    return error.exitCode;
  }
  const parsing = commanderExit(error);
  if (parsing !== undefined) return parsing === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(internalError(error));
  return EXIT.failed;
}

/** A bug of this program. Where it is, only its developers want to know (spec: run-status, details). */
function internalError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (isDeveloper() && error instanceof Error)
    return `murmur8: internal error: ${plainText(error.stack ?? message)}\n`;
  return formatProblem({
    code: 'internal',
    message: `internal error: ${message}`,
    hint: 'please report it, with what MURMUR8_DEV=1 adds when the same command runs again',
  });
}

function isDeveloper(): boolean {
  return process.env['MURMUR8_DEV'] === '1';
}

/** Told by its name, because what is loaded from another file of `dist` has a class of its own. */
function isCommandFailure(error: unknown): error is CommandFailure {
  return error instanceof Error && error.name === 'CommandFailure';
}

/** The exit code of a commander error. Told by its code, so that commands without options need not load commander. */
function commanderExit(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('commander.'))
    return undefined;
  return 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : EXIT.usage;
}

function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
}
