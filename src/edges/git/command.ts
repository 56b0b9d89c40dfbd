import { existsSync } from 'node:fs';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type Captured, capture } from '../process/capture.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
  /** Added to the cleaned environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `quiet` (default): stable English messages, no hooks, no writing of the user's index for its stat cache.
   * `as-user`: the user's own hooks and language.
   */
  readonly manner?: 'quiet' | 'as-user';
}

/** Runs git and keeps its exit code: for commands whose failure is an answer. A problem only if git cannot be run. */
export async function askGit(args: readonly string[], options: GitOptions): Promise<Result<Captured>> {
  if (!existsSync(options.cwd)) {
    return fail({ code: 'no-directory', message: 'the directory does not exist', file: options.cwd });
  }
  const quiet = options.manner !== 'as-user';
  const settings = quiet ? gitSettings() : USUAL_SETTINGS;
  const captured = await capture('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd: options.cwd,
    env: { ...(quiet ? gitEnvironment() : cleanEnvironment()), ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  if (captured.spawnError !== undefined) return fail(cannotStart(captured.spawnError));
  return ok(captured);
}

/** Runs git and takes any exit code but zero, and any cut output, as a problem. */
export async function runGit(args: readonly string[], options: GitOptions): Promise<Result<Buffer>> {
  const asked = await askGit(args, options);
  if (!asked.ok) return asked;
  if (asked.value.exitCode !== 0) return fail(gitProblem(args, asked.value));
  if (asked.value.truncated) {
    return fail({ code: 'git-failed', message: `git ${args[0] ?? ''} printed more than can be taken in` });
  }
  return ok(asked.value.stdout);
}

/** One line of output, without its newline; undefined when git answered with another exit code than zero. */
export async function gitLine(
  args: readonly string[],
  options: GitOptions,
): Promise<Result<string | undefined>> {
  const asked = await askGit(args, options);
  if (!asked.ok) return asked;
  if (asked.value.exitCode !== 0) return ok(undefined);
  return ok(asked.value.stdout.toString('utf8').replace(/\r?\n$/, ''));
}

/** Splits NUL-terminated output. */
export function nulSeparated(output: Buffer): string[] {
  const text = output.toString('utf8');
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** Paths as NUL-terminated input. */
export function nulTerminated(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}

/** A problem made of what git printed. */
export function gitProblem(args: readonly string[], captured: Captured): Problem {
  const said = captured.stderr.trim();
  if (said.includes('not a git repository')) {
    return { code: 'no-git', message: 'this is not a git repository', hint: 'git init' };
  }
  if (said.includes('must be run in a work tree')) {
    return {
      code: 'no-git',
      message: 'this git repository has no working tree',
      hint: 'run it in a clone or a worktree of the repository',
    };
  }
  if (said.includes('dubious ownership')) {
    return {
      code: 'git-ownership',
      message: 'git does not trust this directory, because it belongs to another user',
      hint: 'git config --global --add safe.directory <directory>',
    };
  }
  const text = said === '' ? `it ended with exit code ${captured.exitCode ?? 'unknown'}` : said;
  return { code: 'git-failed', message: `git ${args[0] ?? ''}: ${lastPart(text)}` };
}

/** The end of a long text, where tools say why they failed. */
export function lastPart(text: string, most = 4000): string {
  return text.length <= most ? text : `…${text.slice(-most)}`;
}

/** Settings of every question that is not asked as the user. */
export function gitSettings(): readonly string[] {
  return [...USUAL_SETTINGS, ...QUIET_SETTINGS];
}

/** The environment of such a question. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return { ...cleanEnvironment(), ...QUIET_ENVIRONMENT };
}

const USUAL_SETTINGS = ['core.fsmonitor=false', 'core.quotepath=false'];
const QUIET_SETTINGS = ['core.hooksPath=/dev/null', 'core.splitIndex=false', 'advice.addEmbeddedRepo=false'];
const QUIET_ENVIRONMENT = { LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };

/** Set by hooks, aliases and wrappers around us; with them git would work on another repository or in another way. */
const REDIRECTING =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|INDEX_VERSION|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|QUARANTINE_PATH|SHALLOW_FILE|ATTR_SOURCE|CONFIG|CONFIG_PARAMETERS|REFLOG_ACTION|(LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS|EXTERNAL_DIFF|DIFF_OPTS|PAGER|TRACE.*)$/;

function cleanEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!REDIRECTING.test(name)) env[name] = value;
  // An editor or a password prompt would wait for ever behind a pipe.
  return { ...env, GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: ':' };
}

function cannotStart(error: NodeJS.ErrnoException): Problem {
  if (error.code === 'ENOENT') {
    return {
      code: 'git-missing',
      message: 'git is not installed or not on PATH',
      hint: 'install git 2.36 or newer',
    };
  }
  return { code: 'git-failed', message: `git could not be started: ${error.message}` };
}
