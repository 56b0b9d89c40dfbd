import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { RunData } from '../../src/core/telemetry/run-data.ts';

/** The built program; another installation of it (such as the packed one) can be named instead. */
export const BIN = process.env['MURMUR8_TEST_BIN'] ?? join(import.meta.dirname, '../../bin/murmur8.cjs');

export const FEATURE_ID = 'a3f8c2d1-7e54-4b09-8f16-23a1e5d94c72';

/** An ended run like any other; say what makes it special. */
export function aRun(special: Partial<RunData> = {}): RunData {
  return {
    runId: crypto.randomUUID(),
    featureId: FEATURE_ID,
    slug: 'user-auth',
    status: 'success',
    startedAt: '2026-11-21T10:00:00.000Z',
    completedAt: '2026-11-21T10:05:00.000Z',
    totalDurationMs: 300_000,
    stages: {
      alex: {
        status: 'success',
        startedAt: '2026-11-21T10:00:00.000Z',
        completedAt: '2026-11-21T10:02:00.000Z',
        durationMs: 120_000,
        attempts: 1,
      },
    },
    artifacts: { 'FEATURE_SPEC.md': '# Feature\r\n\u00fcber\n' },
    ...special,
  };
}

export function freshDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'murmur8-telemetry-'));
}

/** A project with a state directory, and the paths in it. */
export function aProject(): {
  root: string;
  stateDir: string;
  dotenv: string;
  queue: string;
  outbox: string;
} {
  const root = freshDirectory();
  const stateDir = join(root, '.claude');
  mkdirSync(join(root, '.git'));
  mkdirSync(stateDir);
  return {
    root,
    stateDir,
    dotenv: join(root, '.env'),
    queue: join(stateDir, 'telemetry-failed.json'),
    outbox: join(stateDir, 'telemetry-outbox'),
  };
}

/** Bundles source files under one name, so that a child process can use them at the cost of plain Node. */
export function bundle(source: string): string {
  const outfile = join(freshDirectory(), 'bundle.cjs');
  buildSync({
    stdin: { contents: source, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node with a minimal environment to its end. */
export function runNode(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}
