import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDetached } from '../../../src/edges/process/detached.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

const here = { cwd: freshDirectory(), env: {} };

test('a detached process has its own session, only the given environment, and prints into its log', async () => {
  const logFile = join(freshDirectory(), 'log');
  const script =
    'console.log(JSON.stringify([process.env.A, process.env.PATH, process.cwd()])); console.error("e")';
  const { ended, pid } = startDetached(process.execPath, ['-e', script], {
    ...here,
    env: { A: '1' },
    logFile,
  });
  await ended;
  expect(pid).toEqual(expect.any(Number));
  expect(readFileSync(logFile, 'utf8')).toBe(`${JSON.stringify(['1', null, here.cwd])}\ne\n`);
});

test('ready comes with the first byte on descriptor 3, before the end', async () => {
  const script = 'require("fs").writeSync(3, "."); setInterval(() => {}, 1000)';
  const { ready, ended, pid } = startDetached(process.execPath, ['-e', script], here);
  await ready;
  process.kill(pid ?? 0, 'SIGKILL');
  await ended;
});

test('ready comes at the latest when the process ends without a word', async () => {
  const { ready } = startDetached(process.execPath, ['-e', '0'], here);
  await expect(ready).resolves.toBeUndefined();
});

test('a program that cannot be started is over at once', async () => {
  const { ready, ended, pid } = startDetached('/nonexistent/program', [], here);
  await Promise.all([ready, ended]);
  expect(pid).toBeUndefined();
});
