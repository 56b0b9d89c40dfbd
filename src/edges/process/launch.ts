import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { type ChildInput, childInput } from './child-input.ts';
import { markerEnvironment } from './marker.ts';
import type { Spool } from './spool.ts';

export interface LaunchOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly marker: string;
  readonly inputFile?: string;
  /** Given the child's standard input, a pipe, as soon as it runs: for a child that is talked to. */
  readonly onInput?: (input: ChildInput) => void;
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
      stdio: [options.onInput === undefined ? (input ?? 'ignore') : 'pipe', spool.stdout, spool.stderr],
    });
    // What cannot be signalled is no failure of the start, and must not be thrown.
    const failure = firstError(child);
    if (child.pid === undefined) return fail((await failure).message);
    const launched = { pid: child.pid, exit: endOf(child) };
    if (child.stdin !== null) options.onInput?.(childInput(child.stdin));
    return ok(launched);
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
