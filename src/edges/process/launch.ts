import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { fail, ok, type Result } from '../../core/result.ts';
import { markerEnvironment } from './marker.ts';
import type { Spool } from './spool.ts';

export interface LaunchOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly marker: string;
  readonly inputFile?: string;
}

/** How a child ended: exactly one of the two is not null. */
export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launched {
  readonly pid: number;
  readonly exit: Promise<ChildEnd>;
}

/** Starts a program as leader of its own session and group, input and output bound to files. The error is its reason. */
export async function launch(options: LaunchOptions, spool: Spool): Promise<Result<Launched, string>> {
  let input: FileHandle | undefined;
  try {
    if (options.inputFile !== undefined) input = await open(options.inputFile, 'r');
    const child = spawn(options.program, options.args, {
      cwd: options.cwd,
      env: { ...options.env, ...markerEnvironment(options.marker) },
      detached: true,
      stdio: [input === undefined ? 'ignore' : input.fd, spool.stdout.fd, spool.stderr.fd],
    });
    const exit = endOf(child);
    const failure = await startFailure(child);
    if (failure !== undefined) return fail(failure.message);
    return child.pid === undefined ? fail('the system gave no process id') : ok({ pid: child.pid, exit });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    await input?.close();
  }
}

function startFailure(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.on('error', resolve);
    child.once('spawn', () => resolve(undefined));
  });
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
