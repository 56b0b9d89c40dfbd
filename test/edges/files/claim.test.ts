import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
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
    const first = held(tryClaim(directory, 'x'));
    expect(first.stillHeld()).toBe(true);
    writeFileSync(join(directory, 'x.2'), JSON.stringify({ ...thisOwner(), released: false }));
    expect(first.stillHeld()).toBe(false);
  });

  it('that was taken over twice, and so is gone, can be told by both old holders', () => {
    const first = held(tryClaim(directory, 'x'));
    expect(first.stillHeld()).toBe(true);
    looksDead('x.1');
    const second = held(tryClaim(directory, 'x'));
    expect(second.stillHeld()).toBe(true);
    looksDead('x.2');
    const third = held(tryClaim(directory, 'x'));
    expect([first, second, third].map((claim) => [claim.epoch, claim.stillHeld()])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(readdirSync(directory)).toEqual(['x.3']);
  });

  it('is seen as lost by an old holder also while the newest one has not tidied up to the end', () => {
    const first = held(tryClaim(directory, 'x'));
    expect(first.stillHeld()).toBe(true);
    // The third holder was killed after it took away the first of the two claims below it, or before it began.
    writeFileSync(join(directory, 'x.2'), '{}');
    writeFileSync(join(directory, 'x.3'), '{}');
    expect(first.stillHeld()).toBe(false);
    unlinkSync(join(directory, 'x.1'));
    expect(first.stillHeld()).toBe(false);
    unlinkSync(join(directory, 'x.2'));
    expect(first.stillHeld()).toBe(false);
  });

  it('is not taken for held again when somebody who looked long ago makes a file of its name', () => {
    const first = held(tryClaim(directory, 'x'));
    expect(first.stillHeld()).toBe(true);
    looksDead('x.1');
    held(tryClaim(directory, 'x'));
    looksDead('x.2');
    held(tryClaim(directory, 'x'));
    writeFileSync(join(directory, 'x.1'), '{}');
    expect(first.stillHeld()).toBe(false);
  });

  it('has its older names taken away from below', () => {
    for (const epoch of [9, 10, 11]) writeFileSync(join(directory, `x.${epoch}`), '{}');
    // A name that cannot be removed keeps the ones above it.
    unlinkSync(join(directory, 'x.10'));
    mkdirSync(join(directory, 'x.10'));
    const taken = held(tryClaim(directory, 'x'));
    expect([taken.epoch, readdirSync(directory).sort()]).toEqual([12, ['x.10', 'x.11', 'x.12']]);
  });
});

function held(attempt: ReturnType<typeof tryClaim>) {
  if (!attempt.held) throw new Error('is held by somebody else');
  return attempt.claim;
}

function looksDead(name: string): void {
  const dead = { ...thisOwner(), bootId: 'an earlier boot', startTime: '1', released: false };
  writeFileSync(join(directory, name), JSON.stringify(dead));
}

describe('the identity of an owner', () => {
  it('is alive as this process, dead with another start time or boot, unknown on another host', () => {
    const self = thisOwner();
    expect(livenessOf(self)).toBe('alive');
    if (self.startTime !== null) expect(livenessOf({ ...self, startTime: '1' })).toBe('dead');
    if (self.bootId !== null) expect(livenessOf({ ...self, bootId: 'other' })).toBe('dead');
    expect(livenessOf({ ...self, host: 'elsewhere.invalid' })).toBe('unknown');
  });
});
