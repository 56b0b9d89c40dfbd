import { afterEach, describe, expect, test } from 'vitest';
import { type SendOptions, type SendResult, sendTelemetry } from '../../../src/edges/telemetry/send.ts';
import {
  answer,
  type Behaviour,
  drip,
  dripHeaders,
  flood,
  hangAfterHeaders,
  hangBeforeHeaders,
  type Receiver,
  type ReceiverOptions,
  startReceiver,
} from '../../rig/receiver.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

const KEY = 'sk-topsecret-0123456789';
const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

async function receive(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  open.push(receiver);
  return receiver;
}

async function sendTo(behaviour: Behaviour, options: SendOptions = {}): Promise<SendResult> {
  const receiver = await receive({ behaviour });
  return sendTelemetry({ runId: 'a' }, { url: receiver.url, key: KEY }, options);
}

describe('story payload-send', () => {
  test('AC-6: the payload is posted as JSON with its content type, and with the key as bearer', async () => {
    const receiver = await receive();
    const result = await sendTelemetry({ runId: 'a', text: 'ü' }, { url: `${receiver.url}?x=1`, key: KEY });
    expect(result).toEqual({ ok: true, status: 200 });
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: 'POST', path: '/ingest?x=1', text: '{"runId":"a","text":"ü"}' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('rule "authorization header": without a key there is no such header', async () => {
    const receiver = await receive();
    await sendTelemetry({}, { url: receiver.url, key: null });
    expect(Object.keys(receiver.received[0]?.headers ?? {})).not.toContain('authorization');
  });

  test.each([200, 201, 202, 204])('AC-5: %i is a success', async (status) => {
    expect(await sendTo(answer(status))).toEqual({ ok: true, status });
  });
});

describe('story failed-queue-retry AC-1: every answer but a 2xx is a failure', () => {
  test.each([301, 302, 307, 308, 400, 401, 403, 404, 413, 422, 429, 500, 503])('%i', async (status) => {
    const result = await sendTo(answer(status));
    expect(result).toMatchObject({ ok: false, status });
    expect(result.error).toEqual(expect.any(String));
  });
});

describe('redirects are not followed', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i to another host: nothing reaches it, the key least of all',
    async (status) => {
      const other = await receive();
      const result = await sendTo(answer(status, { Location: other.url.replace('127.0.0.1', 'localhost') }));
      expect(result).toMatchObject({ ok: false, status });
      expect(other.received).toEqual([]);
    },
  );

  test('not on the same host either', async () => {
    const receiver = await receive({ behaviour: answer(307, { Location: '/elsewhere' }) });
    await sendTelemetry({}, { url: receiver.url, key: KEY });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('an endpoint that never comes to an end holds nobody up', () => {
  test.each([
    ['says nothing', hangBeforeHeaders],
    ['sends its headers one byte at a time', dripHeaders],
  ])('one that %s is a failure in the time given', async (_title, behaviour) => {
    expect(await sendTo(behaviour, { timeoutMs: 100 })).toEqual({ ok: false, error: 'no answer in time' });
  });

  test.each([
    ['hangs after its headers', hangAfterHeaders(200)],
    ['sends its body one byte at a time', drip(200)],
  ])('one that %s has answered: the status counts', async (_title, behaviour) => {
    expect(await sendTo(behaviour, { bodyTimeoutMs: 100 })).toEqual({ ok: true, status: 200 });
  });

  test('a refusal with a dripping body is still a refusal', async () => {
    expect(await sendTo(drip(500), { bodyTimeoutMs: 100 })).toMatchObject({ ok: false, status: 500 });
  });

  test('of a body of 500 MB only a small part is taken', async () => {
    let taken = 0;
    const result = await sendTo(
      flood(200, 500 * 1024 * 1024, (bytes) => {
        taken = bytes;
      }),
      { bodyTimeoutMs: 60_000 },
    );
    expect(result).toEqual({ ok: true, status: 200 });
    expect(taken).toBeLessThan(50 * 1024 * 1024);
  });
});

describe('what goes wrong on the way is a result, never an exception', () => {
  test('nobody listens', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    expect(await sendTelemetry({}, { url: receiver.url, key: KEY })).toEqual({
      ok: false,
      error: 'nothing listens at this address (ECONNREFUSED)',
    });
  });

  test('the connection is cut', async () => {
    const result = await sendTo((response) => response.socket?.destroy());
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/closed before an answer came/);
  });

  test('the answer is not HTTP', async () => {
    const result = await sendTo((response) => response.socket?.end('220 mail.example.com ESMTP\r\n'));
    expect(result.ok).toBe(false);
  });

  test('a certificate that nobody vouches for is a failure, and nothing is sent', async () => {
    const receiver = await receive({ tlsDirectory: freshDirectory() });
    const result = await sendTelemetry({}, { url: receiver.url, key: KEY });
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/certificate is not trusted/);
    expect(receiver.received).toEqual([]);
  });

  test('also where the environment switches the check off', async () => {
    const receiver = await receive({ tlsDirectory: freshDirectory() });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await sendTelemetry({}, { url: receiver.url, key: KEY })).toMatchObject({ ok: false });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['no url', null],
    ['no scheme', 'host/x'],
    ['another scheme', 'file:///etc/passwd'],
    ['an impossible port', 'http://127.0.0.1:99999/'],
    ['a broken escape', 'http://a:%zz@127.0.0.1/'],
  ])('an address with %s', async (_title, url) => {
    expect(await sendTelemetry({}, { url, key: KEY })).toEqual({ ok: false, error: 'the URL is malformed' });
  });
});

describe('no result holds a secret', () => {
  test('a key that no header may carry', async () => {
    const receiver = await receive();
    const result = await sendTelemetry({}, { url: receiver.url, key: 'top\nsecret-key' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('secret-key');
    expect(receiver.received).toEqual([]);
  });

  test('a key inside an address that cannot be reached', async () => {
    const url = 'http://user:top-secret-key@nonexistent.invalid/top-secret-key';
    const result = await sendTelemetry({}, { url, key: 'top-secret-key' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  test('an endpoint that sends the key back', async () => {
    const result = await sendTo(answer(401, { 'X-Echo': KEY }, KEY));
    expect(JSON.stringify(result)).not.toContain('topsecret');
  });
});
