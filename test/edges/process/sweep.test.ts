import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { sweepMarked } from '../../../src/edges/process/sweep.ts';
import { isAlive } from '../../rig/agents-alive.ts';

describe('the sweep after a crash of our own', () => {
  it('kills what carries a marker of the run, in whatever session, and nothing of another run', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const start = async (marker: string) => {
      const child = spawn('/bin/sleep', ['1000'], {
        detached: true,
        env: { MURMUR8_ATTEMPT: marker },
        stdio: 'ignore',
      });
      await once(child, 'spawn');
      return child;
    };
    const children = [
      await start(`${mine}/1-a`),
      await start(`${other}/1 ${mine}/2-b`),
      await start(`${other}/1`),
    ];
    const [first, nested, stranger] = children.map((child) => child.pid ?? 0);
    const swept = await sweepMarked(`${mine}/`);
    expect([...swept.killed].sort()).toEqual([first, nested].sort());
    expect(swept.survivors).toEqual([]);
    expect(isAlive(stranger ?? 0)).toBe(true);
    await sweepMarked(`${other}/`);
    expect(isAlive(stranger ?? 0)).toBe(false);
  });
});
