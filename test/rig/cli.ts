import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The built program; another installation of it can be named instead. */
export const BIN = process.env['MURMUR8_TEST_BIN'] ?? join(import.meta.dirname, '../../bin/murmur8.cjs');

const home = mkdtempSync(join(tmpdir(), 'murmur8-home-'));

/** The environment of a machine on which nothing was ever set up: no git identity, no settings, no colours. */
export const MACHINE: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export interface Ended {
  /** Exit code, or 128 + number as a shell would show it is not made up: null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Arguments of Node itself, such as a preload. */
  readonly node?: readonly string[];
}

/** A run of the program that is under way; its standard input, output and error are pipes. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Standard output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function start(args: readonly string[], options: RunOptions): Started {
  const child = spawn(process.execPath, [...(options.node ?? []), BIN, ...args], {
    cwd: options.cwd,
    env: { ...MACHINE, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const stdout = () => Buffer.concat(out).toString('utf8');
  const stderr = () => Buffer.concat(err).toString('utf8');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout: stdout(), stderr: stderr() }));
  });
  return { child, ended, stdout, stderr };
}

/** Runs the program to its end. */
export function murmur8(args: readonly string[], options: RunOptions): Promise<Ended> {
  return start(args, options).ended;
}

/** The state of a process as the kernel shows it; undefined when it is gone. */
export function processState(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return undefined;
  }
}
