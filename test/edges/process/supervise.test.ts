import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMasker } from '../../../src/core/agent/mask.ts';
import { killAllSupervised } from '../../../src/edges/process/live-trees.ts';
import type { OutputLine } from '../../../src/edges/process/output.ts';
import { COMMAND_STOP } from '../../../src/edges/process/stop.ts';
import { type SuperviseOptions, superviseProcess } from '../../../src/edges/process/supervise.ts';
import { aliveWith, isAlive } from '../../rig/agents-alive.ts';

let directory: string;
let marker: string;
let lines: OutputLine[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-supervise-'));
  marker = `${randomUUID()}/1`;
  lines = [];
});
afterEach(() => {
  expect(aliveWith(marker)).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});

const QUICK_STOP = [{ signal: 'SIGTERM', to: 'group', waitMs: 100 }] as const;

function supervise(script: string, changes: Partial<SuperviseOptions> = {}, signal?: AbortSignal) {
  return superviseProcess(
    {
      program: process.execPath,
      args: ['-e', script],
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '' },
      marker,
      spoolDir: join(directory, 'spool'),
      logFile: join(directory, 'logs', 'attempt.log'),
      timeoutMs: 50_000,
      stopLadder: QUICK_STOP,
      mask: createMasker([]),
      onLine: (line) => lines.push(line),
      ...changes,
    },
    signal ?? new AbortController().signal,
  );
}

const log = () => readFileSync(join(directory, 'logs', 'attempt.log'), 'utf8');
const shown = (stream: 'stdout' | 'stderr' = 'stdout') =>
  lines.filter((line) => line.stream === stream).map((line) => line.shown);

/** Aborts as soon as the child says that it is ready. */
function abortWhenReady(controller: AbortController): Partial<SuperviseOptions> {
  return {
    onLine: (line) => {
      lines.push(line);
      if (line.raw.startsWith('ready')) controller.abort();
    },
  };
}

describe('a supervised process', () => {
  it('reports exit code and both streams, and leaves a private log but no spool', async () => {
    const result = await supervise('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(result).toMatchObject({ cause: 'exited', exitCode: 3, signal: null, survivors: [] });
    expect([shown(), shown('stderr')]).toEqual([['out'], ['err']]);
    expect(log().split('\n').sort()).toEqual(['', 'out', 'stderr: err']);
    expect(statSync(join(directory, 'logs', 'attempt.log')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'spool'))).toEqual([]);
  });

  it('prints into files that only the owner can read and that no name leads to', async () => {
    const spool = JSON.stringify(join(directory, 'spool'));
    await supervise(`
      const fs = require('node:fs');
      for (const fd of [1, 2]) {
        const file = fs.fstatSync(fd);
        console.log(file.isFile(), (file.mode & 0o777).toString(8), file.nlink);
      }
      console.log(fs.readdirSync(${spool}).length);`);
    expect(shown()).toEqual(['true 600 0', 'true 600 0', '0']);
  });

  it('that ends well without a word leaves no log, and one that fails leaves an empty one', async () => {
    await supervise('');
    expect(existsSync(join(directory, 'logs', 'attempt.log'))).toBe(false);
    await supervise('process.exitCode = 3');
    expect(log()).toBe('');
  });

  it('may empty its own output, as a shell does for > /dev/stderr, and go on', async () => {
    await supervise('', {
      program: '/bin/sh',
      args: ['-c', 'echo lost >&2; echo new > /dev/stderr; echo last >&2'],
    });
    expect(shown('stderr')).toEqual(['new', 'last']);
  });

  it('gets exactly the given environment and one marker more', async () => {
    await supervise('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } });
    const expected = process.env['MURMUR8_ATTEMPT'] ? `${process.env['MURMUR8_ATTEMPT']} ${marker}` : marker;
    expect(JSON.parse(shown()[0] ?? '')).toEqual({ ONLY: 'this', MURMUR8_ATTEMPT: expected });
  });

  it('reads its input from a file that it cannot change', async () => {
    const inputFile = join(directory, 'prompt');
    writeFileSync(inputFile, 'the prompt');
    await supervise(
      `const fs = require('node:fs');
       console.log(fs.readFileSync(0, 'utf8'));
       try { fs.writeSync(0, 'x'); } catch (error) { console.log(error.code); }`,
      { inputFile },
    );
    expect(shown()).toEqual(['the prompt', 'EBADF']);
  });

  it('tells why a program could not be started', async () => {
    const result = await supervise('', { program: '/nowhere/agent' });
    expect(result).toMatchObject({ cause: 'spawn-error', exitCode: null });
    expect(result.message).toContain('/nowhere/agent');
  });

  it('tells when its working directory or its input is missing', async () => {
    expect(await supervise('', { cwd: join(directory, 'none') })).toMatchObject({ cause: 'spawn-error' });
    expect(await supervise('', { inputFile: join(directory, 'none') })).toMatchObject({
      cause: 'spawn-error',
    });
  });

  it('is not started when the run was already cancelled', async () => {
    const result = await supervise('require("fs").writeFileSync("ran", "")', {}, AbortSignal.abort());
    expect(result.cause).toBe('cancelled');
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });
});

describe('a hostile process', () => {
  it('is killed when it ignores the polite signal', async () => {
    const controller = new AbortController();
    const result = await supervise(
      'process.on("SIGTERM", () => console.log("no")); console.log("ready"); setInterval(() => {}, 1e6)',
      abortWhenReady(controller),
      controller.signal,
    );
    expect(result).toMatchObject({ cause: 'cancelled', signal: 'SIGKILL' });
    expect(shown()).toEqual(['ready', 'no']);
  });

  it('may tidy up within the grace period', async () => {
    const controller = new AbortController();
    const result = await supervise(
      'process.on("SIGTERM", () => { console.log("tidy"); process.exit(7) }); console.log("ready"); setInterval(() => {}, 1e6)',
      { ...abortWhenReady(controller), stopLadder: COMMAND_STOP },
      controller.signal,
    );
    expect(result).toMatchObject({ cause: 'cancelled', exitCode: 7 });
    expect(shown()).toEqual(['ready', 'tidy']);
  });

  it('gets no grace when everything is to be killed at once', async () => {
    const controller = new AbortController();
    const result = await supervise(
      'process.on("SIGTERM", () => console.log("asked")); console.log("ready"); setInterval(() => {}, 1e6)',
      {
        stopLadder: [{ signal: 'SIGTERM', to: 'group', waitMs: 1e9 }],
        onLine: (line) => {
          lines.push(line);
          if (line.raw === 'ready') controller.abort();
          if (line.raw === 'asked') killAllSupervised();
        },
      },
      controller.signal,
    );
    expect(result).toMatchObject({ cause: 'cancelled', signal: 'SIGKILL' });
  });

  it('does not live on when a listener of ours fails', async () => {
    const supervised = supervise('console.log(process.pid); setInterval(() => {}, 1e6)', {
      onLine: (line) => {
        lines.push(line);
        throw new Error('a bug of ours');
      },
    });
    await expect(supervised).rejects.toThrow('a bug of ours');
    expect(isAlive(Number(shown()[0]))).toBe(false);
  });

  it('leaves nothing behind, neither in another session nor in the background of a normal end', async () => {
    const result = await supervise(`
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)'],
        { detached: true, stdio: 'ignore' });
      child.unref();
      console.log(child.pid);`);
    expect(result).toMatchObject({ cause: 'exited', exitCode: 0, survivors: [] });
    expect(isAlive(Number(shown()[0]))).toBe(false);
  });

  it('does not escape by clearing its environment', async () => {
    await supervise(`
      const { spawn } = require('node:child_process');
      const child = spawn('/bin/sleep', ['1000'], { env: {}, stdio: 'ignore' });
      child.unref();
      console.log(child.pid);`);
    expect(isAlive(Number(shown()[0]))).toBe(false);
  });

  it('is stopped after its time, and the time is the cause even if it then exits well', async () => {
    const result = await supervise(
      'process.on("SIGTERM", () => process.exit(0)); setInterval(() => console.log("busy"), 20)',
      { timeoutMs: 400, stopLadder: COMMAND_STOP },
    );
    expect(result).toMatchObject({ cause: 'timeout', exitCode: 0 });
  });

  it('is stopped after too long a silence', async () => {
    const result = await supervise('setInterval(() => {}, 1e6)', { silenceLimitMs: () => 200 });
    expect(result.cause).toBe('stalled');
    expect(result.silentMs).toBeGreaterThanOrEqual(200);
    expect(result.silentMs).toBeLessThanOrEqual(result.durationMs);
  });

  it.runIf(process.platform === 'linux')('is not silent while a process of its tree computes', async () => {
    const computing = `
      const { spawnSync } = require('node:child_process');
      const busy = 'do for (let i = 0; i < 1e7; i++); while (process.cpuUsage().user < 800000);';
      spawnSync(process.execPath, ['-e', busy]);
      setTimeout(() => {}, 1e6);`;
    const result = await supervise(computing, { silenceLimitMs: () => 250, sparesTheBusy: true });
    expect(result.cause).toBe('stalled');
    expect(result.durationMs).toBeGreaterThan(800);
  });

  it('is silent only since it last printed', async () => {
    const result = await supervise('setTimeout(() => console.log(1), 500); setInterval(() => {}, 1e6)', {
      silenceLimitMs: () => (lines.length === 0 ? Number.POSITIVE_INFINITY : 200),
    });
    expect(result.cause).toBe('stalled');
    expect(result.silentMs).toBeGreaterThanOrEqual(200);
    expect(result.silentMs).toBeLessThan(result.durationMs - 400);
  });

  it('is stopped at the output limit, and no more than that is handed out', async () => {
    const result = await supervise(
      'const block = Buffer.alloc(1 << 20, "0123456789abcde\\n"); for (let i = 0; i < 300; i++) require("fs").writeSync(1, block)',
      { maxOutputBytes: 3_000_000, maxLogBytes: 10_000 },
    );
    expect(result.cause).toBe('output-limit');
    expect(lines.length).toBeLessThanOrEqual(3_000_000 / 16 + 1);
    expect(log().length).toBeLessThan(10_200);
    expect(log()).toMatch(/0123456789abcde\n\[log cut at 10000 bytes: .*\]\n$/);
  });

  it('may print garbage bytes', async () => {
    const result = await supervise(
      'process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x41, 0xc3, 0x0a, 0x42]))',
    );
    expect(result.exitCode).toBe(0);
    expect(shown()).toEqual(['\ufffd\ufffdA\ufffd', 'B']);
  });

  it('may say its text in pieces: the log gets it in lines, so that no secret is divided', async () => {
    const pieces = ['a s3c', 'ret-', 'word\nand ', 'another s3cret-', 'word'];
    await supervise(
      `console.log('first'); for (const p of ${JSON.stringify(pieces)}) console.log('piece ' + JSON.stringify(p)); console.log('last s3cret-word'); console.log('piece "s3cret-"'); console.log('piece "word"');`,
      {
        mask: createMasker(['s3cret-word']),
        pieceIn: (raw) => (raw.startsWith('piece ') ? JSON.parse(raw.slice(6)) : undefined),
      },
    );
    expect(log()).toBe('first\na ***\nand another ***\nlast ***\n***\n');
    expect(lines.map(({ raw }) => raw)).toHaveLength(9);
  });

  it('may print a line of 10 MB: it is cut with a mark and the next line is whole', async () => {
    await supervise('process.stdout.write("x".repeat(10e6) + "\\nnext\\n")', { maxLineBytes: 1_000_000 });
    expect(lines.map((line) => line.raw.length)).toEqual([
      1_000_000 + '… [line cut: 10000000 bytes]'.length,
      4,
    ]);
    expect(shown()[0]?.endsWith('x… [line cut: 10000000 bytes]')).toBe(true);
  });

  it('does not get a character broken where a block of reading ends', async () => {
    await supervise('process.stdout.write("é".repeat(400001) + "\\n")');
    expect(shown()).toEqual(['é'.repeat(400_001)]);
  });

  it('cannot bring secrets into the log', async () => {
    await supervise(
      'console.log("key is hunter2-hunter2"); console.error("hun\\x1b[31mter2-hunter2"); console.log("-----BEGIN RSA PRIVATE KEY-----\\nMIIEabc\\n-----END RSA PRIVATE KEY-----\\nafter")',
      { mask: createMasker(['hunter2-hunter2']) },
    );
    expect(log().split('\n').sort()).toEqual(['', '***', '***', '***', 'after', 'key is ***', 'stderr: ***']);
  });
});
