import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/core/notify/channel.ts';
import type { Attempt, Delivery } from '../../../src/edges/notify/attempt.ts';
import { type DeliveryReport, type DeliveryWorld, deliver } from '../../../src/edges/notify/deliver.ts';
import { enqueue, waitingEntries } from '../../../src/edges/notify/outbox.ts';
import { aNotification, channels, endedIn } from '../../rig/notification.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

const START = Date.parse('2026-11-21T10:00:00.000Z');
const MINUTE = 60_000;
const ALL = { type: 'command', command: 'true', events: ['requested', 'approved'] };
const OPS = channels({ ops: ALL });
const SENT: Attempt = { status: 'sent', detail: 'host' };
const REFUSED: Attempt = { status: 'failed', detail: 'host: HTTP 500' };

/** A world whose clock only moves when somebody waits, and whose receiver answers in turn (the last one for ever). */
function world(answers: Attempt[], special: Partial<DeliveryWorld> = {}) {
  const stateDirectory = freshDirectory();
  const reports: DeliveryReport[] = [];
  const sent: string[] = [];
  const disabled: string[] = [];
  const clock = { now: START };
  const made: DeliveryWorld = {
    stateDirectory,
    channels: OPS,
    send: async (_channel: Channel, { id }: Delivery) => {
      sent.push(id);
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? SENT;
    },
    report: (report) => reports.push(report),
    disable: (channel) => disabled.push(channel),
    now: () => clock.now,
    random: () => 0,
    pause: async (milliseconds) => {
      clock.now += milliseconds;
    },
    budgetMs: 2 * MINUTE,
    ...special,
  };
  return { ...made, reports, sent, disabled, clock, world: made };
}

describe('a message that is taken', () => {
  test('is sent once, reported once and remembered', async () => {
    const it = world([SENT]);
    enqueue(it.stateDirectory, OPS, aNotification());
    expect(await deliver(it.world)).toEqual({ ok: true, value: { sent: 1, failed: 0, waiting: 0 } });
    expect(await deliver(it.world)).toEqual({ ok: true, value: { sent: 0, failed: 0, waiting: 0 } });
    expect(it.sent).toEqual(['a-1-requested-ops']);
    expect(it.reports).toEqual([
      {
        id: 'a-1-requested-ops-1-end',
        executionId: 'run-1',
        approvalId: 'a-1',
        stage: 'deploy-production',
        event: 'requested',
        channel: 'ops',
        status: 'sent',
        detail: 'host',
        final: true,
        at: '2026-11-21T10:00:00.000Z',
      },
    ]);
    expect(endedIn(it.stateDirectory)).toMatchObject({ 'a-1-requested-ops': { status: 'sent' } });
  });
});

describe('a message that is refused', () => {
  test('is tried again after 5 s by the same process, then left to the next one', async () => {
    const it = world([REFUSED]);
    enqueue(it.stateDirectory, OPS, aNotification());
    expect(await deliver(it.world)).toEqual({ ok: true, value: { sent: 0, failed: 0, waiting: 1 } });
    expect([it.sent.length, it.clock.now - START]).toEqual([2, 5_000]);
    expect(waitingEntries(it.stateDirectory)).toMatchObject([
      { attempts: 2, nextAt: new Date(START + 5_000 + 5 * MINUTE).toISOString() },
    ]);
    await deliver(it.world);
    expect(it.sent).toHaveLength(2);
    it.clock.now += 5 * MINUTE;
    await deliver(it.world);
    expect(it.sent).toHaveLength(3);
  });

  test('is tried ten times in all, and told of at the first and at the last', async () => {
    const it = world([REFUSED]);
    enqueue(it.stateDirectory, OPS, aNotification());
    for (let round = 0; round < 12; round += 1) {
      await deliver(it.world);
      it.clock.now += 24 * 60 * MINUTE;
    }
    expect(it.sent).toHaveLength(10);
    expect(it.reports.map(({ id, status, final }) => [id, status, final])).toEqual([
      ['a-1-requested-ops-1', 'failed', false],
      ['a-1-requested-ops-10-end', 'failed', true],
    ]);
    expect(it.reports[0]?.detail).toBe('host: HTTP 500; tried again at 2026-11-21T10:00:05.000Z');
    expect(endedIn(it.stateDirectory)).toMatchObject({
      'a-1-requested-ops': { status: 'failed', detail: 'host: HTTP 500; given up after 10 attempts' },
    });
  });

  test('and taken later is told of twice: that it failed, and that it is sent', async () => {
    const it = world([REFUSED, SENT]);
    enqueue(it.stateDirectory, OPS, aNotification());
    await deliver(it.world);
    expect(it.reports.map(({ status, final }) => [status, final])).toEqual([
      ['failed', false],
      ['sent', true],
    ]);
  });

  test('waits as long as the receiver asks for', async () => {
    const it = world([{ ...REFUSED, status: 'failed', retryAfterMs: 60 * MINUTE }]);
    enqueue(it.stateDirectory, OPS, aNotification());
    await deliver(it.world);
    expect(waitingEntries(it.stateDirectory)).toMatchObject([
      { attempts: 1, nextAt: new Date(START + 60 * MINUTE).toISOString() },
    ]);
  });

  test('for good switches its channel off', async () => {
    const it = world([{ status: 'failed', detail: 'host: gone', gone: true }]);
    enqueue(it.stateDirectory, OPS, aNotification());
    expect(await deliver(it.world)).toMatchObject({ value: { failed: 1, waiting: 0 } });
    expect(it.disabled).toEqual(['ops']);
    expect(it.reports).toMatchObject([{ final: true, detail: 'host: gone; the channel is switched off' }]);
  });

  test('by an exception is refused like any other', async () => {
    const it = world([], {
      send: async () => {
        throw Object.assign(new Error('secret'), { code: 'EIO' });
      },
    });
    enqueue(it.stateDirectory, OPS, aNotification());
    expect(await deliver(it.world)).toMatchObject({ value: { waiting: 1 } });
    expect(it.reports[0]?.detail).toMatch(/^the delivery broke off \(EIO\); tried again/);
  });
});

describe('a message that is not even tried', () => {
  test('asks for a decision after the deadline; one about a decision is still sent', async () => {
    const it = world([SENT]);
    const deadline = new Date(START - 1).toISOString();
    enqueue(it.stateDirectory, OPS, aNotification({ deadline }));
    enqueue(it.stateDirectory, OPS, aNotification({ deadline, event: 'approved' }));
    await deliver(it.world);
    expect(it.sent).toEqual(['a-1-approved-ops']);
    expect(it.reports.map(({ status, detail }) => [status, detail])).toEqual([
      ['sent', 'host'],
      ['failed', 'the deadline passed before it could be delivered'],
    ]);
  });

  test.each([
    ['its channel was removed', {}, 'there is no such channel any more'],
    ['its channel was switched off', { ops: { ...ALL, enabled: false } }, 'the channel is switched off'],
  ])('because %s', async (_title, config, detail) => {
    const it = world([SENT], { channels: channels(config) });
    enqueue(it.stateDirectory, OPS, aNotification());
    await deliver(it.world);
    expect([it.sent, it.reports.map((report) => report.detail)]).toEqual([[], [detail]]);
  });
});

describe('several at once', () => {
  test('one channel that hangs does not hold up another', async () => {
    const two = channels({ slow: ALL, quick: ALL });
    let release: (attempt: Attempt) => void = () => {};
    const order: string[] = [];
    const it = world([], {
      channels: two,
      send: (channel) => {
        order.push(channel.name);
        if (channel.name === 'slow') {
          return new Promise((resolve) => {
            release = resolve;
          });
        }
        if (order.length === 3) release(SENT);
        return Promise.resolve(SENT);
      },
    });
    enqueue(it.stateDirectory, two, aNotification());
    enqueue(it.stateDirectory, channels({ quick: ALL }), aNotification({ approvalId: 'b-2' }));
    expect(await deliver(it.world)).toMatchObject({ value: { sent: 3 } });
    expect(order).toContain('slow');
  });

  test('of two deliverers one sends, the other leaves', async () => {
    let release: (attempt: Attempt) => void = () => {};
    const first = world([], {
      send: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    enqueue(first.stateDirectory, OPS, aNotification());
    const running = deliver(first.world);
    const second = world([SENT], { stateDirectory: first.stateDirectory });
    expect(await deliver(second.world)).toEqual({ ok: true, value: { sent: 0, failed: 0, waiting: 1 } });
    release(SENT);
    expect(await running).toMatchObject({ value: { sent: 1, waiting: 0 } });
    expect(second.sent).toEqual([]);
  });

  test('what is enqueued while a deliverer works is sent by it', async () => {
    const it = world([SENT]);
    enqueue(it.stateDirectory, OPS, aNotification());
    const send: DeliveryWorld['send'] = async (channel, delivery) => {
      if (it.sent.length === 0) enqueue(it.stateDirectory, OPS, aNotification({ approvalId: 'b-2' }));
      return it.world.send(channel, delivery);
    };
    await deliver({ ...it.world, send });
    expect(it.sent).toEqual(['a-1-requested-ops', 'b-2-requested-ops']);
  });

  test('an endless outbox ends with the budget', async () => {
    const it = world([SENT], { budgetMs: 0 });
    enqueue(it.stateDirectory, OPS, aNotification());
    expect(await deliver(it.world)).toMatchObject({ value: { sent: 0, waiting: 1 } });
  });
});

test('a clock that was set back by years delays nothing', async () => {
  const it = world([REFUSED]);
  enqueue(it.stateDirectory, OPS, aNotification());
  await deliver(it.world);
  it.clock.now -= 3 * 365 * 24 * 60 * MINUTE;
  await deliver(it.world);
  expect(it.sent.length).toBeGreaterThan(2);
});

test('without an outbox nothing is written', async () => {
  const it = world([SENT]);
  expect(await deliver(it.world)).toEqual({ ok: true, value: { sent: 0, failed: 0, waiting: 0 } });
  expect(readdirSync(it.stateDirectory)).toEqual([]);
});

test('where the result cannot be noted it says so, and does not send over and over', async () => {
  const it = world([SENT]);
  enqueue(it.stateDirectory, OPS, aNotification());
  writeFileSync(join(it.stateDirectory, 'notify-outbox', 'ended'), 'in the way');
  const result = await deliver(it.world);
  expect(result).toMatchObject({ ok: false, error: { message: expect.stringMatching(/^cannot note/) } });
  expect(it.sent).toEqual(['a-1-requested-ops']);
});

test('where no claim can be made it says so, and sends nothing', async () => {
  const it = world([SENT]);
  enqueue(it.stateDirectory, OPS, aNotification());
  writeFileSync(join(it.stateDirectory, '.notify-lock'), 'in the way');
  expect(await deliver(it.world)).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/^cannot deliver notifications/) },
  });
  expect(it.sent).toEqual([]);
});
