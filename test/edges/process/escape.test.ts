import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandRunner } from '../../../src/edges/process/command-runner.ts';
import type { CommandOutcome } from '../../../src/engine/ports.ts';
import { aliveWith, isAlive } from '../../rig/agents-alive.ts';

let directory: string;
let runId: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-escape-'));
  runId = randomUUID();
});
afterEach(() => {
  expect(aliveWith(runId)).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});

const runner = createCommandRunner({ env: { PATH: process.env['PATH'] }, secrets: [] });

function run(name: string, commandLine: string): Promise<CommandOutcome> {
  return runner.run(
    {
      runId,
      commandLine,
      cwd: directory,
      env: {},
      timeoutMs: 30_000,
      logFile: join(directory, `${name}.log`),
      scratchDir: join(directory, name),
    },
    new AbortController().signal,
  );
}

/** Two forks and a session of its own; the command ends only when the daemon has written its id. */
const DAEMON = (file: string) =>
  `mkfifo ${file}.ready; (setsid sh -c 'echo $$ > ${file}; echo > ${file}.ready; exec sleep 1000' &) ; read -r line < ${file}.ready`;

function daemonOf(file: string): number {
  return Number(readFileSync(join(directory, file), 'utf8'));
}

describe('a daemon that a command leaves behind', () => {
  it('in a session of its own, without a parent, ends with the command', async () => {
    expect(await run('one', DAEMON('pid'))).toMatchObject({ outcome: 'ok' });
    expect(isAlive(daemonOf('pid'))).toBe(false);
  });

  it('is found while three other commands run, and those are left alone', async () => {
    const others = ['a', 'b', 'c'].map((name) =>
      run(
        name,
        `mkfifo ${name}.go; echo $$ > ${name}.pid; (sleep 1000 &); read -r line < ${name}.go; echo done`,
      ),
    );
    const started = ['a', 'b', 'c'].map((name) =>
      run(`wait-${name}`, `until [ -s ${name}.pid ]; do :; done`),
    );
    await Promise.all(started);
    for (let round = 0; round < 5; round += 1) {
      await run('one', DAEMON(`pid${round}`));
      expect(isAlive(daemonOf(`pid${round}`))).toBe(false);
    }
    for (const name of ['a', 'b', 'c']) expect(isAlive(daemonOf(`${name}.pid`))).toBe(true);
    await run('go', 'for name in a b c; do echo > $name.go; done');
    for (const other of await Promise.all(others))
      expect(other).toMatchObject({ outcome: 'ok', stdout: 'done\n' });
  });

  it('is found behind more processes than are tried one by one', async () => {
    await run('many', `${DAEMON('pid')}; i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done`);
    expect(isAlive(daemonOf('pid'))).toBe(false);
  });

  it('is found while it changes its program without end', async () => {
    writeFileSync(join(directory, 'again.sh'), 'echo $$ > $1; exec sh again.sh $1');
    for (let round = 0; round < 10; round += 1) {
      await run('again', `(setsid sh again.sh pid${round} &); until [ -s pid${round} ]; do :; done`);
      expect(isAlive(daemonOf(`pid${round}`))).toBe(false);
    }
  });

  it('is found when it clears its environment and stays in the group', async () => {
    await run('clear', '(env -i sleep 1000 & echo $! > pid)');
    expect(isAlive(daemonOf('pid'))).toBe(false);
  });

  it('is found when it sheds its environment, its session and its name, and still has a parent of the tree', async () => {
    await run(
      'shed',
      `(sh -c 'env -i setsid bash -c "echo \\$\\$ > pid; exec -a innocent sleep 1000"; sleep 1000' & ) ; until [ -s pid ]; do :; done`,
    );
    expect(daemonOf('pid')).toBeGreaterThan(1);
    expect(isAlive(daemonOf('pid'))).toBe(false);
  });
});

describe('commands that run beside each other', () => {
  it('keep their output apart', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const ended = await Promise.all(names.map((name) => run(name, `echo ${name}; echo ${name} >&2`)));
    expect(ended.map(({ stdout, stderr }) => [stdout, stderr])).toEqual(
      names.map((name) => [`${name}\n`, `${name}\n`]),
    );
  });
});
