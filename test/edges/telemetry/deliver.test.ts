import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { deliver } from '../../../src/edges/telemetry/deliver.ts';
import { readLastDelivery, writeLastDelivery } from '../../../src/edges/telemetry/delivery-state.ts';
import { enqueueFailure, readQueue } from '../../../src/edges/telemetry/failed-queue.ts';
import { listOutbox, writeToOutbox } from '../../../src/edges/telemetry/outbox.ts';
import {
  answer,
  type Behaviour,
  hangBeforeHeaders,
  type Receiver,
  startReceiver,
} from '../../rig/receiver.ts';
import { aProject, aRun } from '../../rig/receiver-run.ts';

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});
async function receive(behaviour: Behaviour = answer(200)): Promise<Receiver> {
  const receiver = await startReceiver({ behaviour });
  open.push(receiver);
  return receiver;
}
const to = (receiver: Receiver) => ({ url: receiver.url, key: null });

test('a run in the outbox is private, and is sent with its artifacts byte for byte', async () => {
  const project = aProject();
  const receiver = await receive();
  const run = aRun();
  const file = writeToOutbox(project.outbox, run);
  expect([statSync(file).mode & 0o777, statSync(project.outbox).mode & 0o777]).toEqual([0o600, 0o700]);
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: false });
  const payload = JSON.parse(receiver.received[0]?.text ?? '');
  expect(payload.runId).toBe(run.runId);
  expect(gunzipSync(Buffer.from(payload.artifacts['FEATURE_SPEC.md'], 'base64')).toString('utf8')).toBe(
    run.artifacts?.['FEATURE_SPEC.md'],
  );
  expect(listOutbox(project.outbox)).toEqual([]);
  expect(existsSync(project.queue)).toBe(false);
  expect(readLastDelivery(join(project.stateDir, 'telemetry-state.json'))).toMatchObject({
    outcome: 'delivered',
    httpStatus: 200,
  });
});

test('story failed-queue-retry AC-1: after a failed send the final payload moves from the outbox to the queue', async () => {
  const project = aProject();
  const receiver = await receive(answer(503));
  const run = aRun();
  writeToOutbox(project.outbox, run);
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: false });
  expect(listOutbox(project.outbox)).toEqual([]);
  expect(readQueue(project.queue)).toEqual([JSON.parse(receiver.received[0]?.text ?? '')]);
  expect(readLastDelivery(join(project.stateDir, 'telemetry-state.json'))).toMatchObject({
    outcome: 'failed',
    httpStatus: 503,
  });
});

test('at the end of a run the queue is left alone, at the start of one it is sent', async () => {
  const project = aProject();
  const receiver = await receive();
  enqueueFailure({ runId: 'old' }, project.queue);
  writeToOutbox(project.outbox, aRun({ runId: 'new' }));
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: false });
  expect(receiver.runIds()).toEqual(['new']);
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: true });
  expect(receiver.runIds()).toEqual(['new', 'old']);
  expect(readFileSync(project.queue, 'utf8')).toBe('[]');
});

test('without a URL nothing is sent, written or claimed', async () => {
  const project = aProject();
  await deliver({ stateDir: project.stateDir, config: { url: null, key: null }, withQueue: true });
  expect(readdirSync(project.stateDir)).toEqual([]);
});

test('a delivery ends with its budget, and what is left stays for the next run', async () => {
  const project = aProject();
  const receiver = await receive(hangBeforeHeaders);
  for (const runId of ['a', 'b', 'c']) writeToOutbox(project.outbox, aRun({ runId }));
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: true, budgetMs: 150 });
  expect(receiver.runIds()).toEqual(['a']);
  const kept = (readQueue(project.queue) ?? []).map((entry) => JSON.stringify(entry).includes('"runId":"a"'));
  expect(kept).toEqual([true]);
  expect(listOutbox(project.outbox).map((path) => path.slice(-6))).toEqual(['b.json', 'c.json']);
});

test('two deliverers at once: one sends everything once, the other leaves at once', async () => {
  const project = aProject();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const receiver = await receive((response, received, index) => {
    void (index === 0 ? held : Promise.resolve()).then(() => answer(200)(response, received, index));
  });
  for (const runId of ['a', 'b']) writeToOutbox(project.outbox, aRun({ runId }));
  enqueueFailure({ runId: 'c' }, project.queue);
  const options = { stateDir: project.stateDir, config: to(receiver), withQueue: true };
  const first = deliver(options);
  await receiver.count(1);
  await deliver(options);
  expect(receiver.received).toHaveLength(1);
  // A run that ends while the first one is at work is taken along by it.
  writeToOutbox(project.outbox, aRun({ runId: 'd' }));
  await deliver(options);
  release();
  await first;
  expect(receiver.runIds().sort()).toEqual(['a', 'b', 'c', 'd']);
  expect([listOutbox(project.outbox), readQueue(project.queue)]).toEqual([[], []]);
});

test('a run that a dying process left in outbox and queue is sent once and gone from both', async () => {
  const project = aProject();
  const receiver = await receive();
  writeToOutbox(project.outbox, aRun({ runId: 'a' }));
  enqueueFailure({ runId: 'a' }, project.queue);
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: true });
  expect(receiver.runIds()).toEqual(['a']);
  expect([listOutbox(project.outbox), readQueue(project.queue)]).toEqual([[], []]);
});

test('a damaged outbox file is set aside and holds no other run up', async () => {
  const project = aProject();
  const receiver = await receive();
  const damaged = writeToOutbox(project.outbox, aRun({ runId: 'a' }));
  writeFileSync(damaged, '{"version":1,"da');
  writeToOutbox(project.outbox, aRun({ runId: 'b' }));
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: false });
  expect(receiver.runIds()).toEqual(['b']);
  expect(readdirSync(project.outbox)).toEqual([expect.stringMatching(/^a\.json\.corrupt-/)]);
});

test('an outbox file of a newer murmur8 stays as it is', async () => {
  const project = aProject();
  const receiver = await receive();
  const file = writeToOutbox(project.outbox, aRun({ runId: 'a' }));
  const text = '{"version":2,"data":{"runId":"a"}}';
  writeFileSync(file, text);
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: false });
  expect(receiver.received).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a state file of a newer murmur8 is read as far as possible and not overwritten', () => {
  const path = join(aProject().stateDir, 'telemetry-state.json');
  const last = { at: '2026-11-21T10:00:00.000Z', outcome: 'delivered' };
  const text = JSON.stringify({ version: 9, lastDelivery: last, more: 1 });
  writeFileSync(path, text);
  writeLastDelivery(path, { at: '2026-11-22T10:00:00.000Z', outcome: 'failed' });
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readLastDelivery(path)).toEqual(last);
});

test('temporary files of processes that were killed long ago are removed, those of others and of today stay', async () => {
  const project = aProject();
  const receiver = await receive();
  const hour = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const name of ['telemetry-failed.json.1.1.tmp', 'other.1.tmp', 'telemetry-state.json.2.1.tmp']) {
    writeFileSync(join(project.stateDir, name), '');
    if (!name.includes('.2.')) utimesSync(join(project.stateDir, name), hour, hour);
  }
  await deliver({ stateDir: project.stateDir, config: to(receiver), withQueue: true });
  const left = readdirSync(project.stateDir).filter((name) => name.endsWith('.tmp'));
  expect(left).toEqual(['other.1.tmp', 'telemetry-state.json.2.1.tmp']);
});
