import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
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
  let input: number | undefined;
  try {
    if (options.inputFile !== undefined) input = openSync(options.inputFile, 'r');
    const child = spawn(options.program, options.args, {
      cwd: options.cwd,
      env: { ...options.env, ...markerEnvironment(options.marker) },
      detached: true,
      stdio: [input ?? 'ignore', spool.stdout, spool.stderr],
    });
    // What cannot be signalled is no failure of the start, and must not be thrown.
    const failure = firstError(child);
    if (child.pid === undefined) return fail((await failure).message);
    return ok({ pid: child.pid, exit: endOf(child) });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    if (input !== undefined) closeSync(input);
  }
}

function firstError(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => {
    child.on('error', resolve);
  });
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
