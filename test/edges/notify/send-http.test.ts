import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../../../src/edges/notify/attempt.ts';
import { type HttpWorld, sendSlack, sendWebhook } from '../../../src/edges/notify/send-http.ts';
import { postJson, wordsForStatus } from '../../../src/edges/telemetry/post.ts';
import { aNotification, SECRET } from '../../rig/notification.ts';
import {
  answer,
  type Behaviour,
  drip,
  dripHeaders,
  hangBeforeHeaders,
  type Receiver,
  startReceiver,
} from '../../rig/receiver.ts';

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});
async function receive(behaviour: Behaviour = answer(200)): Promise<Receiver> {
  const receiver = await startReceiver({ behaviour });
  open.push(receiver);
  return receiver;
}

const DELIVERY = { id: 'a-1-requested-ops', notification: aNotification() };

function world(variables: Record<string, string> = {}, timeoutMs = 10_000): HttpWorld {
  return {
    post: postJson,
    wordsForStatus,
    variable: (name) => variables[name],
    now: Date.now,
    timeoutMs,
  };
}

function hook(
  url: string,
  variables: Record<string, string> = { S: SECRET },
  timeoutMs?: number,
): Promise<Attempt> {
  const channel = {
    type: 'webhook',
    address: { url },
    secretVariable: 'S',
    allowUnencrypted: false,
  } as const;
  return sendWebhook(channel, DELIVERY, world(variables, timeoutMs));
}

describe('a webhook', () => {
  test('is signed so that the reference library accepts it, and only it', async () => {
    const receiver = await receive();
    expect(await hook(receiver.url)).toEqual({
      status: 'sent',
      detail: `${new URL(receiver.url).host} (HTTP 200)`,
    });
    const [request] = receiver.received;
    const headers = request?.headers as Record<string, string>;
    expect(new Webhook(SECRET).verify(request?.text ?? '', headers)).toMatchObject({
      type: 'approval.requested',
      data: { approvalId: 'a-1', approvers: ['ann', 'bob'] },
    });
    expect(headers['webhook-id']).toBe('a-1-requested-ops');
    expect(() => new Webhook(SECRET).verify(`${request?.text} `, headers)).toThrow();
  });

  test('carries a signature for each secret while they are rotated', async () => {
    const receiver = await receive();
    const other = `whsec_${Buffer.alloc(32, 'new').toString('base64')}`;
    await hook(receiver.url, { S: `${other} ${SECRET}` });
    const [request] = receiver.received;
    const headers = request?.headers as Record<string, string>;
    for (const secret of [SECRET, other]) {
      expect(new Webhook(secret).verify(request?.text ?? '', headers)).toBeTruthy();
    }
  });

  test('is unsigned only where the channel says so', async () => {
    const receiver = await receive();
    const channel = { type: 'webhook', address: { url: receiver.url }, allowUnencrypted: false } as const;
    expect(await sendWebhook(channel, DELIVERY, world())).toMatchObject({ status: 'sent' });
    expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined();
    expect(receiver.received[0]?.headers['webhook-id']).toBe('a-1-requested-ops');
  });

  test.each([
    ['not set', {}, 'S is not set in the environment or in .env'],
    ['no secret', { S: 'hunter2' }, 'S is no secret in base64 (whsec_…)'],
  ])('with a secret that is %s is not sent', async (_title, variables, detail) => {
    const receiver = await receive();
    expect(await hook(receiver.url, variables)).toEqual({ status: 'failed', detail });
    expect(receiver.received).toEqual([]);
  });
});

describe('what is no success', () => {
  test.each([301, 302, 307, 400, 401, 404, 429, 500, 503])('%i', async (status) => {
    const other = await receive();
    const receiver = await receive(answer(status, { Location: other.url }));
    expect(await hook(receiver.url)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\d+: .*\\(HTTP ${status}\\)$`)),
    });
    expect(other.received).toEqual([]);
  });

  test('410 says that the channel is wanted no more', async () => {
    const receiver = await receive(answer(410));
    expect(await hook(receiver.url)).toMatchObject({ status: 'failed', gone: true });
  });

  test('Retry-After is handed on', async () => {
    const receiver = await receive(answer(503, { 'Retry-After': '120' }));
    expect(await hook(receiver.url)).toMatchObject({ status: 'failed', retryAfterMs: 120_000 });
  });

  test.each([
    ['never answers', hangBeforeHeaders],
    ['drips its headers', dripHeaders],
  ])('an endpoint that %s ends with the time', async (_title, behaviour) => {
    const receiver = await receive(behaviour);
    expect(await hook(receiver.url, { S: SECRET }, 100)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/no answer in time$/),
    });
  });

  test('an endpoint that has said yes and goes on dripping has said yes', async () => {
    const receiver = await receive(drip(202));
    expect(await hook(receiver.url)).toMatchObject({ status: 'sent' });
  });

  test('an address that nobody listens at is told by its host alone', async () => {
    const variables = { U: 'http://ann:hunter2@127.0.0.1:1/token-hunter2?key=hunter2' };
    const channel = { type: 'slack', address: { variable: 'U' }, allowUnencrypted: false } as const;
    const attempt = await sendSlack(channel, DELIVERY, world(variables));
    expect(attempt).toEqual({
      status: 'failed',
      detail: '127.0.0.1:1: nothing listens at this address (ECONNREFUSED)',
    });
  });
});

describe('an address in a variable', () => {
  const slack = (url: string | undefined, allowUnencrypted = false) =>
    sendSlack(
      { type: 'slack', address: { variable: 'U' }, allowUnencrypted },
      DELIVERY,
      world(url === undefined ? {} : { U: url }),
    );

  test.each([
    [undefined, 'U is not set in the environment or in .env'],
    ['hunter2', 'U must read like https://host/path'],
    ['http://hooks.example.org/hunter2', 'U is http:// to another machine, which needs allowUnencrypted'],
  ])('%j', async (url, detail) => {
    expect(await slack(url)).toEqual({ status: 'failed', detail });
  });

  test('gets what Slack shows', async () => {
    const receiver = await receive();
    expect(await slack(receiver.url)).toMatchObject({ status: 'sent' });
    const body = JSON.parse(receiver.received[0]?.text ?? '');
    expect(body.text).toMatch(/^Approval needed: stage deploy-production of pipeline cd\./);
    expect(body.blocks).toHaveLength(5);
  });
});
