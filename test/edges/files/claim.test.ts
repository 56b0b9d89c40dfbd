import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimWithin, lookAtClaim, tryClaim } from '../../../src/edges/files/claim.ts';
import { livenessOf, thisOwner } from '../../../src/edges/files/owner.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { runUntilItSurvives } from '../../rig/crash.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-claim-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const counter = bundleProgram(`
  import { readFileSync, writeFileSync, openSync, closeSync, unlinkSync } from 'node:fs';
  import { claimWithin } from './src/edges/files/claim.ts';
  const [directory, file, times] = process.argv.slice(2);
  for (let time = 0; time < Number(times); time += 1) {
    const claim = claimWithin(directory, 'count', 60000);
    if (claim === undefined) throw new Error('never came free');
    closeSync(openSync(file + '.inside', 'wx')); // Fails if somebody else is inside.
    writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1));
    unlinkSync(file + '.inside');
    claim.release();
  }
`);
const dying = bundleProgram(`
  import { tryClaim } from './src/edges/files/claim.ts';
  if (!tryClaim(process.argv[2], 'x').held) process.exitCode = 1;
  if (process.argv[3] === 'die') process.kill(process.pid, 'SIGKILL');
`);

describe('a claim', () => {
  it('is held by one of many processes at a time, and none of their changes is lost', async () => {
    const file = join(directory, 'counter');
    writeFileSync(file, '0');
    const claims = mkdtempSync(join(directory, 'claims-'));
    const codes = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, [counter, claims, file, '25'], { stdio: 'inherit' });
        return new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes).toEqual(Array(6).fill(0));
    expect(readFileSync(file, 'utf8')).toBe('150');
  });

  it('is refused to others in the same process until it is released, and its epoch grows', () => {
    const first = tryClaim(directory, 'x');
    expect(first).toMatchObject({ held: true, claim: { epoch: 1, tookOver: false } });
    expect(tryClaim(directory, 'x')).toMatchObject({ held: false, owner: { pid: process.pid }, epoch: 1 });
    expect(claimWithin(directory, 'x', 0)).toBeUndefined();
    expect(tryClaim(directory, 'y').held).toBe(true);
    if (first.held) first.claim.release();
    expect(lookAtClaim(directory, 'x')).toMatchObject({ state: 'free', epoch: 1 });
    expect(tryClaim(directory, 'x')).toMatchObject({ held: true, claim: { epoch: 2, tookOver: false } });
  });

  it('of a killed process is seen as lost without a write, and taken over at once', () => {
    expect(spawnSync(process.execPath, [dying, directory, 'die']).signal).toBe('SIGKILL');
    const before = readdirSync(directory);
    expect(lookAtClaim(directory, 'x').state).toBe('lost');
    expect(readdirSync(directory)).toEqual(before);
    expect(tryClaim(directory, 'x')).toMatchObject({ held: true, claim: { epoch: 2, tookOver: true } });
  });

  it('can be taken by the next process wherever the one before was killed', () => {
    runUntilItSurvives({ argv: [dying, directory], under: directory }, () => {
      const attempt = tryClaim(directory, 'x');
      expect(attempt.held).toBe(true);
      if (attempt.held) attempt.claim.release();
    });
  });

  it('that was taken over can be told by its old holder', () => {
    const first = tryClaim(directory, 'x');
    expect(first.held && first.claim.stillHeld()).toBe(true);
    writeFileSync(join(directory, 'x.7'), JSON.stringify({ ...thisOwner(), released: false }));
    expect(first.held && first.claim.stillHeld()).toBe(false);
  });
});

describe('the identity of an owner', () => {
  it('is alive as this process, dead with another start time or boot, unknown on another host', () => {
    const self = thisOwner();
    expect(livenessOf(self)).toBe('alive');
    if (self.startTime !== null) expect(livenessOf({ ...self, startTime: '1' })).toBe('dead');
    if (self.bootId !== null) expect(livenessOf({ ...self, bootId: 'other' })).toBe('dead');
    expect(livenessOf({ ...self, host: 'elsewhere.invalid' })).toBe('unknown');
  });
});
