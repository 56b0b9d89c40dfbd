import { describe, expect, it } from 'vitest';
import { capture } from '../../../src/edges/process/capture.ts';
import { aliveWith } from '../../rig/agents-alive.ts';
import { until } from '../../rig/until.ts';

describe('a short program in a group of its own', () => {
  it('ends with all that it started when its time is over, whoever holds its output', async () => {
    const mark = `MARK_${process.pid}_OVER`;
    const script = 'echo begun; sleep 1000 & setsid sleep 1000 & sleep 1000';
    const ended = await capture('/bin/sh', ['-c', script], {
      cwd: '/',
      env: { PATH: process.env['PATH'], [mark]: '1' },
      timeoutMs: 500,
      ownGroup: true,
    });
    expect(ended).toMatchObject({ timedOut: true, exitCode: null });
    // The one that left the group is not ended, and is not waited for.
    await until(() => expect(aliveWith(mark)).toHaveLength(1));
    for (const pid of aliveWith(mark)) process.kill(pid, 'SIGKILL');
  });

  it('takes those it left behind with it when it ends by itself', async () => {
    const mark = `MARK_${process.pid}_LEFT`;
    const ended = await capture('/bin/sh', ['-c', 'echo 1.2.3; sleep 1000 >/dev/null 2>&1 &'], {
      cwd: '/',
      env: { PATH: process.env['PATH'], [mark]: '1' },
      ownGroup: true,
    });
    expect(ended).toMatchObject({ exitCode: 0, timedOut: false });
    expect(ended.stdout.toString()).toBe('1.2.3\n');
    await until(() => expect(aliveWith(mark)).toEqual([]));
  });
});
