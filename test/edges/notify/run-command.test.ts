import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTimeOf } from '../../../src/edges/files/owner.ts';
import type { Attempt } from '../../../src/edges/notify/attempt.ts';
import { type CommandWorld, runCommandChannel } from '../../../src/edges/notify/run-command.ts';
import { aNotification } from '../../rig/notification.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

function run(
  command: string | readonly string[],
  special: Partial<CommandWorld> = {},
): Promise<Attempt> & { cwd: string } {
  const cwd = freshDirectory();
  const world: CommandWorld = {
    environment: { PATH: process.env['PATH'], AWS_SECRET_ACCESS_KEY: 'hunter2hunter2' },
    cwd,
    scratch: join(cwd, 'outbox'),
    timeoutMs: 10_000,
    secrets: ['hunter2hunter2'],
    ...special,
  };
  const delivery = {
    id: 'a-1-requested-own',
    notification: aNotification({ summary: '$(touch x); `touch y`' }),
  };
  return Object.assign(runCommandChannel({ type: 'command', command }, delivery, world), { cwd });
}

describe('a command', () => {
  test('gets the notification as JSON, its parts in the environment, and no key', async () => {
    const running = run('cat > input.json; env > env.txt; pwd > pwd.txt');
    expect(await running).toEqual({ status: 'sent', detail: 'the command ended with 0' });
    const read = (name: string) => readFileSync(join(running.cwd, name), 'utf8');
    expect(JSON.parse(read('input.json'))).toMatchObject({
      type: 'approval.requested',
      data: { approvalId: 'a-1', summary: '$(touch x); `touch y`' },
    });
    expect(read('env.txt')).toMatch(/^MURMUR8_APPROVAL_ID=a-1$/m);
    expect(read('env.txt')).toMatch(/^MURMUR8_STAGE=deploy-production$/m);
    expect(read('env.txt')).toMatch(/^MURMUR8_EVENT=requested$/m);
    expect(read('env.txt')).not.toContain('hunter2');
    expect(readdirSync(running.cwd).sort()).toEqual(['env.txt', 'input.json', 'outbox', 'pwd.txt']);
    expect(readdirSync(join(running.cwd, 'outbox'))).toEqual([]);
  });

  test('given as a list is run without a shell', async () => {
    const running = run(['touch', '$(whoami); a']);
    expect(await running).toMatchObject({ status: 'sent' });
    expect(readdirSync(running.cwd)).toContain('$(whoami); a');
  });

  test('that fails says why, without what is secret', async () => {
    expect(await run('echo first >&2; echo "no hunter2hunter2" >&2; exit 3')).toEqual({
      status: 'failed',
      detail: 'the command ended with 3: no ***',
    });
    expect(await run('kill -9 $$')).toEqual({ status: 'failed', detail: 'the command was ended by SIGKILL' });
  });

  test('that does not exist', async () => {
    expect(await run(['/nonexistent/program'])).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/^the command could not be started: .*ENOENT/),
    });
  });

  test('that takes too long is ended, with everything that it started', async () => {
    const running = run('sleep 300 & echo $! > pid; wait', { timeoutMs: 1_000 });
    expect(await running).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/not done after/),
    });
    const pid = Number(readFileSync(join(running.cwd, 'pid'), 'utf8'));
    expect(startTimeOf(pid)).toBeNull();
  });

  test('has no place for its files', async () => {
    expect(await run('true', { scratch: '/dev/null/x' })).toEqual({
      status: 'failed',
      detail: "no place for the command's files (ENOTDIR)",
    });
  });
});
