import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endEntry, enqueue, tidyOutbox, waitingEntries } from '../../../src/edges/notify/outbox.ts';
import { aNotification, channels } from '../../rig/notification.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

const COMMAND = { type: 'command', command: 'true' };
const BOTH = channels({ one: { ...COMMAND, events: ['requested', 'approved', 'delegated'] }, two: COMMAND });
const files = (state: string) =>
  readdirSync(join(state, 'notify-outbox')).filter((name) => name.endsWith('.json'));

describe('a notification that is enqueued', () => {
  test('lies there privately, once for each channel that wants it', () => {
    const state = freshDirectory();
    expect(enqueue(state, BOTH, aNotification())).toEqual({ ok: true, value: ['one', 'two'] });
    expect(enqueue(state, BOTH, aNotification({ event: 'approved' }))).toEqual({ ok: true, value: ['one'] });
    expect(files(state)).toEqual([
      'a-1-approved-one.json',
      'a-1-requested-one.json',
      'a-1-requested-two.json',
    ]);
    const outbox = join(state, 'notify-outbox');
    expect(statSync(outbox).mode & 0o777).toBe(0o700);
    expect(statSync(join(outbox, 'a-1-requested-one.json')).mode & 0o777).toBe(0o600);
  });

  test('is not enqueued a second time, neither while it waits nor after it has ended', () => {
    const state = freshDirectory();
    enqueue(state, BOTH, aNotification());
    const before = readFileSync(join(state, 'notify-outbox', 'a-1-requested-one.json'), 'utf8');
    enqueue(state, BOTH, aNotification({ summary: 'another one' }));
    expect(readFileSync(join(state, 'notify-outbox', 'a-1-requested-one.json'), 'utf8')).toBe(before);
    for (const entry of waitingEntries(state)) {
      endEntry(state, entry, { status: 'sent', detail: '', at: '2026-11-21T10:00:00.000Z' });
    }
    enqueue(state, BOTH, aNotification());
    expect(waitingEntries(state)).toEqual([]);
  });

  test('two votes and two delegations for one approval are different messages', () => {
    const state = freshDirectory();
    const vote = (actor: string, at: string) => aNotification({ event: 'approved', actor, at });
    enqueue(state, BOTH, vote('ann', '2026-11-21T10:00:00.000Z'));
    enqueue(state, BOTH, vote('bob', '2026-11-21T10:00:00.000Z'));
    enqueue(state, BOTH, vote('ann', '2026-11-21T10:00:00.000Z'));
    enqueue(state, BOTH, aNotification({ event: 'delegated', actor: 'ann', at: '2026-11-21T10:00:00.000Z' }));
    enqueue(state, BOTH, aNotification({ event: 'delegated', actor: 'ann', at: '2026-11-21T11:00:00.000Z' }));
    expect(files(state)).toHaveLength(4);
  });

  test.each(['../../../etc/passwd', 'a/b', '\u0000', 'x'.repeat(5_000), 'ü'])(
    'an approval called %j stays inside the outbox, apart from others',
    (approvalId) => {
      const state = freshDirectory();
      enqueue(state, BOTH, aNotification({ approvalId }));
      enqueue(state, BOTH, aNotification({ approvalId: `${approvalId}!` }));
      expect(files(state)).toHaveLength(4);
      expect(files(state).every((name) => /^[A-Za-z0-9_-]{1,180}\.json$/.test(name))).toBe(true);
    },
  );

  test('without a channel that wants it nothing is written', () => {
    const state = freshDirectory();
    expect(enqueue(state, BOTH, aNotification({ event: 'cancelled' }))).toEqual({ ok: true, value: [] });
    expect(existsSync(join(state, 'notify-outbox'))).toBe(false);
  });

  test('where nothing can be written there is a problem that names the place', () => {
    const state = freshDirectory();
    writeFileSync(join(state, 'notify-outbox'), '');
    const result = enqueue(state, BOTH, aNotification());
    expect(result).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(/^cannot keep the notification/),
        file: join(state, 'notify-outbox'),
      },
    });
  });

  test.runIf(process.getuid?.() !== 0)('a directory without rights is one as well', () => {
    const state = freshDirectory();
    chmodSync(state, 0o500);
    expect(enqueue(state, BOTH, aNotification())).toMatchObject({ ok: false });
  });
});

test('a damaged file is set aside, one of a newer murmur8 stays', () => {
  const state = freshDirectory();
  const outbox = join(state, 'notify-outbox');
  mkdirSync(outbox);
  writeFileSync(join(outbox, 'torn.json'), '{"version":1,"entry":{"id"');
  writeFileSync(
    join(outbox, 'odd.json'),
    '{"version":1,"entry":{"id":"odd","channel":"one","attempts":0,"nextAt":"soon"}}',
  );
  writeFileSync(
    join(outbox, 'newer.json'),
    JSON.stringify({
      version: 2,
      entry: { id: 'newer', channel: 'one', attempts: 0, nextAt: '2026-11-21T10:00:00Z', notification: {} },
    }),
  );
  expect(waitingEntries(state)).toEqual([]);
  expect(readdirSync(outbox).map((name) => name.replace(/-2[0-9].*/, ''))).toEqual([
    'newer.json',
    'odd.json.corrupt',
    'torn.json.corrupt',
  ]);
});

test('what ended a month ago and what a killed process left is forgotten, all else stays', () => {
  const state = freshDirectory();
  const outbox = join(state, 'notify-outbox');
  mkdirSync(join(outbox, 'ended'), { recursive: true });
  mkdirSync(join(outbox, 'command-x'));
  const old = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  for (const name of ['ended/old.json', 'ended/new.json', 'old.json', 'a.tmp', 'new.tmp', 'command-x']) {
    if (name !== 'command-x') writeFileSync(join(outbox, name), '');
    if (!name.includes('new')) utimesSync(join(outbox, name), old, old);
  }
  tidyOutbox(state);
  expect(readdirSync(outbox).sort()).toEqual(['ended', 'new.tmp', 'old.json']);
  expect(readdirSync(join(outbox, 'ended'))).toEqual(['new.json']);
});
