import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandRunner } from '../../../src/edges/process/command-runner.ts';
import type { CommandOrder } from '../../../src/engine/ports.ts';
import { aliveWith } from '../../rig/agents-alive.ts';

let directory: string;
const runId = randomUUID();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-command-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(
  commandLine: string,
  changes: Partial<CommandOrder> = {},
  signal = new AbortController().signal,
) {
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    API_TOKEN: 'hunter2-hunter2',
    EXTRA: 'passed',
    MURMUR8_PASS_ENV: 'EXTRA',
  };
  return createCommandRunner({ env, secrets: ['hunter2-hunter2'] }).run(
    {
      runId,
      commandLine,
      cwd: directory,
      env: {},
      timeoutMs: 30_000,
      logFile: join(directory, 'test.log'),
      scratchDir: join(directory, 'scratch'),
      ...changes,
    },
    signal,
  );
}

describe('a command of the engine', () => {
  it('gives both streams, masked, and its exit code', async () => {
    const result = await run('echo out hunter2-hunter2; echo err >&2; exit 4');
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 4, stdout: 'out ***\n', stderr: 'err\n' });
    expect(readFileSync(join(directory, 'test.log'), 'utf8')).not.toContain('hunter2');
    expect(await run('true')).toMatchObject({ outcome: 'ok', exitCode: 0, stdout: '' });
  });

  it('sees a small environment without keys, and what the user lets through', async () => {
    const result = await run('env', { env: { MURMUR8_STEP: '2' } });
    const names = result.stdout.split('\n').map((line) => line.split('=')[0]);
    expect(names).toEqual(
      expect.arrayContaining(['PATH', 'HOME', 'NO_COLOR', 'EXTRA', 'MURMUR8_STEP', 'TMPDIR']),
    );
    expect(names).not.toContain('API_TOKEN');
  });

  it('keeps the end of a long output', async () => {
    const result = await run(
      'i=0; while [ $i -lt 3 ]; do head -c 1000000 /dev/zero | tr "\\\\0" x; echo $i; i=$((i+1)); done',
    );
    expect(result.stdout.length).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(result.stdout.endsWith('x2\n')).toBe(true);
  });

  it('that runs too long is ended with all it started', async () => {
    const result = await run('sleep 1000 & sleep 1000', { timeoutMs: 300 });
    expect(result).toMatchObject({ outcome: 'timeout' });
    expect(aliveWith(runId)).toEqual([]);
  });

  it('that is silent for too long is ended, but only where somebody says how long that is', async () => {
    const result = await run('echo begun; sleep 1000', { stallTimeoutMs: 300 });
    expect(result).toMatchObject({
      outcome: 'stalled',
      message: 'silent for longer than 300 ms',
      stdout: 'begun\n',
    });
    expect(result.silentMs).toBeGreaterThanOrEqual(300);
    expect(aliveWith(runId)).toEqual([]);
    expect(await run('sleep 0.5')).toMatchObject({ outcome: 'ok' });
  });

  it('that dies by a signal has failed and says which', async () => {
    expect(await run('kill -SEGV $$')).toMatchObject({
      outcome: 'failed',
      message: 'ended by signal SIGSEGV',
    });
  });

  it('is cancelled', async () => {
    expect(await run('sleep 1000', {}, AbortSignal.abort())).toMatchObject({ outcome: 'cancelled' });
  });
});
