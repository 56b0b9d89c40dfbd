import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

export interface DetachedOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what the process prints; without it, nothing does. */
  readonly logFile?: string;
}

export interface Detached {
  /** Absent when it could not be started. */
  readonly pid?: number;
  /** Resolves at the first byte that the process writes to its file descriptor 3, or when it closes it or ends. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended or could not be started; nobody has to wait for it. */
  readonly ended: Promise<void>;
}

const READY_FD = 3;

/** Said by a process that `startDetached` started, and by no other: it has begun with its work. */
export function sayReady(): void {
  try {
    writeSync(READY_FD, '.');
  } catch {
    // Nobody listens any more.
  }
}

/**
 * Starts a process that outlives this one: its own session, no terminal, nothing of ours open but the ready pipe.
 * It keeps this process from ending only while somebody waits for it with a timer of their own. Never throws.
 */
export function startDetached(program: string, args: readonly string[], options: DetachedOptions): Detached {
  let log: number | 'ignore' = 'ignore';
  try {
    if (options.logFile !== undefined) log = openSync(options.logFile, 'a', 0o600);
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log, 'pipe'],
    });
    const pipe = child.stdio[READY_FD] as Readable | null | undefined;
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    const ready = new Promise<void>((resolve) => {
      pipe?.once('data', () => resolve());
      pipe?.once('close', () => resolve());
      pipe?.on('error', () => resolve());
      void ended.then(resolve);
    });
    if (pipe !== null && pipe !== undefined && 'unref' in pipe && typeof pipe.unref === 'function')
      pipe.unref();
    child.unref();
    return { ...(child.pid === undefined ? {} : { pid: child.pid }), ready, ended };
  } catch {
    return { ready: Promise.resolve(), ended: Promise.resolve() };
  } finally {
    if (typeof log === 'number') closeSync(log);
  }
}
