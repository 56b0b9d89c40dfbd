import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordDelivery } from '../../../src/edges/events/ledger.ts';
import { pruneDeliveries } from '../../../src/edges/events/prune.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';

let state: string;
let directory: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'murmur8-ledger-'));
  directory = join(state, 'events');
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const delivery = (deliveryId: string, ...runs: string[]) => ({
  deliveryId,
  type: 'push',
  event: { branch: 'main' },
  plan: () => runs.map((executionId) => ({ pipeline: 'ci', executionId })),
});

/** `<state> <delivery id> <execution id>`: prints what was recorded. */
const program = bundleProgram(`
  import { recordDelivery } from './src/edges/events/ledger.ts';
  const [state, deliveryId, executionId] = process.argv.slice(2);
  const plan = () => [{ pipeline: 'ci', executionId }];
  const done = recordDelivery(state, { deliveryId, type: 'push', event: {}, plan });
  console.log(JSON.stringify(done));
  if (!done.ok) process.exitCode = 3;
`);

describe('the ledger of events', () => {
  it('writes an event down with the runs that it starts', () => {
    const done = recordDelivery(state, delivery('d-1', 'run-1'), () => 0);
    const runs = [{ pipeline: 'ci', executionId: 'run-1' }];
    expect(done).toEqual({ ok: true, value: { first: true, runs, receivedAt: '1970-01-01T00:00:00.000Z' } });
    const [file = '', ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(file).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(directory, file), 'utf8'))).toEqual({
      v: 1,
      deliveryId: 'd-1',
      type: 'push',
      receivedAt: '1970-01-01T00:00:00.000Z',
      event: { branch: 'main' },
      runs,
    });
  });

  it('answers a second delivery with the runs of the first, and plans no others', () => {
    recordDelivery(state, delivery('d-1', 'run-1'));
    const again = recordDelivery(state, {
      ...delivery('d-1'),
      plan: () => {
        throw new Error('planned again');
      },
    });
    expect(again).toMatchObject({ ok: true, value: { first: false, runs: [{ executionId: 'run-1' }] } });
    expect(recordDelivery(state, delivery('d-2'))).toMatchObject({ value: { first: true, runs: [] } });
  });

  it.each(['../../x', '', 'a/b\u0000', 'x'.repeat(10_000), '\u001b[31m'])(
    'keeps every delivery id inside its directory (%j)',
    (id) => {
      expect(recordDelivery(state, delivery(id, 'r'))).toMatchObject({ value: { first: true } });
      expect(recordDelivery(state, delivery(id, 's'))).toMatchObject({
        value: { first: false, runs: [{ executionId: 'r' }] },
      });
      expect(readdirSync(directory)).toHaveLength(1);
    },
  );

  it('has one first of many processes that are told the same event at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const child = spawn(process.execPath, [program, state, 'd', `run-${index}`]);
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += String(chunk);
        });
        return new Promise<{ value: { first: boolean; runs: unknown } }>((resolve) =>
          child.on('close', () => resolve(JSON.parse(text))),
        );
      }),
    );
    expect(answers.filter(({ value }) => value.first)).toHaveLength(1);
    expect(new Set(answers.map(({ value }) => JSON.stringify(value.runs))).size).toBe(1);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('holds an event whole or not at all wherever the process was killed', () => {
    const seen = new Set<boolean>();
    runUntilItSurvives(
      {
        argv: [program, state, 'd', 'run-killed'],
        under: state,
        prepare: () => rmSync(directory, { recursive: true, force: true }),
      },
      () => {
        const next = recordDelivery(state, delivery('d', 'run-next'));
        if (!next.ok) throw new Error(JSON.stringify(next.error));
        expect(next.value.runs).toEqual([
          { pipeline: 'ci', executionId: next.value.first ? 'run-next' : 'run-killed' },
        ]);
        seen.add(next.value.first);
      },
    );
    expect(seen).toEqual(new Set([true, false]));
  });

  it('takes a damaged note neither for a new event nor for an old one', () => {
    recordDelivery(state, delivery('d', 'run'));
    const file = join(directory, readdirSync(directory)[0] ?? '');
    for (const text of ['', '{', '[]', '{"runs":[{}],"receivedAt":"x"}']) {
      writeFileSync(file, text);
      expect(recordDelivery(state, delivery('d', 'other'))).toMatchObject({
        ok: false,
        error: { code: 'event-damaged', file },
      });
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('says when the disk is full, and notes nothing then', () => {
    const done = runWithFaults({ argv: [program, state, 'd', 'r'], under: state }, { code: 'ENOSPC', at: 2 });
    expect(done.status).toBe(3);
    expect(done.stdout).toContain('the disk is full');
    expect(recordDelivery(state, delivery('d', 'r'))).toMatchObject({ value: { first: true } });
  });

  it('forgets what is older than thirty days and nothing else', () => {
    expect(pruneDeliveries(state, { now: 0 })).toEqual({ ok: true, value: 0 });
    recordDelivery(state, delivery('old'));
    const now = Date.now();
    for (const file of readdirSync(directory)) {
      const then = new Date(now - 31 * 86_400_000);
      utimesSync(join(directory, file), then, then);
    }
    recordDelivery(state, delivery('new'));
    expect(pruneDeliveries(state, { now, dryRun: true })).toEqual({ ok: true, value: 1 });
    expect(pruneDeliveries(state, { now })).toEqual({ ok: true, value: 1 });
    expect(recordDelivery(state, delivery('new'))).toMatchObject({ value: { first: false } });
    expect(recordDelivery(state, delivery('old'))).toMatchObject({ value: { first: true } });
  });
});
