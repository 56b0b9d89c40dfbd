import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { waitingEntries } from '../../../src/edges/notify/outbox.ts';
import { endedIn } from '../../rig/notification.ts';
import { answer, startReceiver } from '../../rig/receiver.ts';
import { bundle, freshDirectory, runNode } from '../../rig/receiver-run.ts';

const PRELOAD = join(import.meta.dirname, '../../rig/receiver-crash.cjs');

/** Enqueues and delivers a notification to the URL that is its second argument. */
const SCRIPT = bundle(`
  import { deliver } from './src/edges/notify/deliver.ts';
  import { enqueue } from './src/edges/notify/outbox.ts';
  import { sendWebhook } from './src/edges/notify/send-http.ts';
  import { postJson, wordsForStatus } from './src/edges/telemetry/post.ts';
  import { aNotification, channels } from './test/rig/notification.ts';
  const [stateDirectory, url] = process.argv.slice(2);
  const ops = channels({ ops: { type: 'webhook', url, unsigned: true } });
  const http = { post: postJson, wordsForStatus, variable: () => undefined, now: Date.now, timeoutMs: 10000 };
  enqueue(stateDirectory, ops, aNotification());
  deliver({
    stateDirectory,
    channels: ops,
    send: (channel, delivery) => sendWebhook(channel, delivery, http),
    report: () => {},
    disable: () => {},
    now: Date.now,
    random: () => 0,
    pause: () => Promise.resolve(),
    budgetMs: 60000,
  });
`);

test('a process that is killed at any write leaves the message to the next one, under the same id', async () => {
  let kills = 0;
  let repeated = 0;
  for (let at = 1; ; at += 1) {
    const receiver = await startReceiver({ behaviour: answer(200) });
    const state = freshDirectory();
    const args = [SCRIPT, state, receiver.url];
    const first = await runNode(['--require', PRELOAD, ...args], { MURMUR8_TEST_KILL_AT: String(at) }).ended;
    const second = await runNode(args).ended;
    await receiver.close();
    expect([second.code, second.stderr]).toEqual([0, '']);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids)).toEqual(new Set(['a-1-requested-ops']));
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
    expect(waitingEntries(state)).toEqual([]);
    expect(endedIn(state)).toMatchObject({ 'a-1-requested-ops': { status: 'sent' } });
    expect(readdirSync(join(state, 'notify-outbox')).filter((name) => name.endsWith('.json'))).toEqual([]);
    if (ids.length === 2) repeated += 1;
    if (first.signal === null) break;
    kills += 1;
  }
  expect(kills).toBeGreaterThan(10);
  // Between sending and noting so there is a moment at which nobody knows.
  expect(repeated).toBeGreaterThan(0);
});
