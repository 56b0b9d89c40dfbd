import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptPlaces, outputFileOf, readOutputs } from '../../../src/edges/store/attempt-places.ts';
import { generated, happens } from '../../rig/run-builder.ts';
import { aCommand, attempt, aWorld, perform, underWay } from './pipeline-world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-hostile-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const HOSTILE: readonly (readonly [string, (file: string) => void])[] = [
  [
    'is huge',
    (file) => writeFileSync(file, `{"verdict": "approved", "findings": ["${'x'.repeat(2 << 20)}"]}`),
  ],
  ['is binary', (file) => writeFileSync(file, Buffer.from([0, 0xff, 0xfe, 0x1b, 0x5b, 0x7b]))],
  ['is cut short', (file) => writeFileSync(file, '{"verdict": "appro')],
  ['is nested without an end', (file) => writeFileSync(file, '['.repeat(500_000))],
  ['is empty', (file) => writeFileSync(file, '')],
  ['is a directory', (file) => mkdirSync(file)],
  ['is a pipe that nobody writes to', (file) => execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', file])],
  ['is a link to what never ends', (file) => symlinkSync('/dev/zero', file)],
  ['is a link to something else', (file) => symlinkSync('/etc/passwd', file)],
];

/** Places as they are made for real, in which the command leaves what the test says. */
function worldWith(leave: (answerFile: string) => void) {
  const world = aWorld({
    places: (_state, name) => attemptPlaces(directory, name, 'shared'),
    outputFileOf: (_state, name) => outputFileOf(directory, name),
    readLeft: async (file) => readOutputs(file),
  });
  world.command = ({ env }) => {
    leave(env['MURMUR8_ANSWER'] ?? '');
    return {};
  };
  return world;
}

describe('a typed answer that', () => {
  test.each(HOSTILE)('%s approves nothing, and quotes nothing', async (_what, leave) => {
    const stage = aCommand('true', {
      audit: { work: { kind: 'command', run: './check.sh' }, timeoutMs: 1_000 },
    });
    const state = happens(underWay([stage]), generated('deploy'));
    const events = await perform(worldWith(leave), state, {
      kind: 'judge',
      stage: 'deploy',
      frame: 0,
      attempt: 1,
    });
    expect(events).toMatchObject([
      { type: 'audit.failed', outcome: 'failed', message: expect.stringContaining('typed answer') },
    ]);
    expect(JSON.stringify(events)).not.toContain('root:');
    expect(JSON.stringify(events).length).toBeLessThan(2_000);
  });

  test.each(HOSTILE)('%s says nothing of an attempt', async (_what, leave) => {
    const events = await attempt(worldWith(leave), underWay([aCommand('true')]));
    expect(events).toMatchObject([{ outcome: 'ok' }, { verdict: 'approved' }]);
  });
});
