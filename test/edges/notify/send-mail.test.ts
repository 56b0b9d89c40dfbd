import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { MailChannel } from '../../../src/core/notify/channel.ts';
import type { Notification } from '../../../src/core/notify/notification.ts';
import type { Attempt } from '../../../src/edges/notify/attempt.ts';
import { sendMail } from '../../../src/edges/notify/send-mail.ts';
import { aNotification } from '../../rig/notification.ts';

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A real mail server on loopback, and the mails that it took. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

/** What speaks to whoever connects in a way of its own. */
async function oddServer(speak: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    speak(socket);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function mail(
  port: number,
  special: Partial<MailChannel> = {},
  notification: Partial<Notification> = {},
  timeoutMs = 10_000,
): Promise<Attempt> {
  const channel: MailChannel = {
    type: 'smtp',
    host: '127.0.0.1',
    port,
    secure: false,
    from: 'ci@example.org',
    to: ['ann@example.org', 'bob@example.org'],
    allowUnencrypted: false,
    ...special,
  };
  const delivery = { id: 'a-1-requested-mail', notification: aNotification(notification) };
  const variables: Record<string, string> = { P: 'correct horse' };
  return sendMail(channel, delivery, { variable: (name) => variables[name], timeoutMs });
}

describe('a mail', () => {
  test('arrives as plain text with a subject, at everybody', async () => {
    const { port, mails } = await mailServer();
    expect(await mail(port)).toEqual({ status: 'sent', detail: `127.0.0.1:${port} (2 of 2 recipients)` });
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ from: 'ci@example.org', to: ['ann@example.org', 'bob@example.org'] });
    const text = mails[0]?.text ?? '';
    expect(text).toMatch(/^Subject: \[murmur8\] Approval needed: stage deploy-production of/m);
    expect(text).toMatch(/^Message-ID: <a-1-requested-mail@example\.org>\r$/m);
    expect(text).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
    expect(text).toMatch(/^To: ann@example\.org, bob@example\.org\r$/m);
    expect(text).toContain('Who may decide: ann, bob\r\n');
  });

  test('goes to the approvers alone where each has an address', async () => {
    const { port, mails } = await mailServer();
    const to = { ann: 'ann@example.org', eve: 'eve@example.org' };
    await mail(port, { to });
    expect(mails[0]?.to).toEqual(['ann@example.org']);
    expect(await mail(port, { to: { eve: 'eve@example.org' } })).toEqual({
      status: 'failed',
      detail: `127.0.0.1:${port}: no approver has an address in "to"`,
    });
    expect(await mail(port, { to }, { approvers: ['__proto__', 'constructor'] })).toMatchObject({
      status: 'failed',
    });
  });

  test('has no header that a text smuggled in', async () => {
    const { port, mails } = await mailServer();
    const hostile = 'x\r\nBcc: eve@example.org\r\n\r\n.\r\nMAIL FROM:<eve@example.org>\r\n';
    await mail(port, {}, { pipeline: hostile, stage: hostile, summary: hostile, requestedBy: hostile });
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to).toEqual(['ann@example.org', 'bob@example.org']);
    expect((mails[0]?.text ?? '').split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/im);
  });

  test('is sent with user and password where they are asked for', async () => {
    const logins: unknown[] = [];
    const { port, mails } = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, done) {
        logins.push([username, password]);
        done(password === 'correct horse' ? null : new Error('no'), { user: 'ci' });
      },
    });
    expect(await mail(port, { login: { user: 'ci', passwordVariable: 'P' } })).toMatchObject({
      status: 'sent',
    });
    expect([logins, mails.length]).toEqual([[['ci', 'correct horse']], 1]);
  });
});

describe('a mail that does not arrive', () => {
  test('since the server refuses the password, which is told nowhere', async () => {
    const { port, mails } = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, done) => done(new Error(`bad password ${password}`)),
    });
    expect(await mail(port, { login: { user: 'ci', passwordVariable: 'P' } })).toEqual({
      status: 'failed',
      detail: `127.0.0.1:${port}: the server does not accept user and password (SMTP 535)`,
    });
    expect(mails).toEqual([]);
  });

  test('since the password is not set', async () => {
    const { port } = await mailServer();
    expect(await mail(port, { login: { user: 'ci', passwordVariable: 'Q' } })).toEqual({
      status: 'failed',
      detail: 'Q is not set in the environment or in .env',
    });
  });

  test('since the server takes no recipient', async () => {
    const { port } = await mailServer({
      onRcptTo: (_address, _session, done) => done(new Error('no such user')),
    });
    expect(await mail(port)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/refuses the sender or all recipients \(SMTP 550\)$/),
    });
  });

  test('at one of two recipients counts as sent, and says so', async () => {
    const { port, mails } = await mailServer({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('bob') ? new Error('no') : null),
    });
    expect(await mail(port)).toMatchObject({
      status: 'sent',
      detail: expect.stringMatching(/1 of 2 .*1 refused/),
    });
    expect(mails[0]?.to).toEqual(['ann@example.org']);
  });

  test('since nobody listens', async () => {
    expect(await mail(1)).toEqual({
      status: 'failed',
      detail: '127.0.0.1:1: the connection failed (ECONNREFUSED)',
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    [
      'drips',
      (socket) => {
        socket.write('220 ');
        const timer = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    [
      'greets for ever',
      (socket) => {
        const timer = setInterval(() => socket.write('220-hello\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ])('at a server that %s ends with the time', async (_title, speak) => {
    const port = await oddServer(speak);
    expect(await mail(port, {}, {}, 150)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/in time|the connection failed|does not speak SMTP/),
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['speaks something else', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('at a server that %s', async (_title, speak) => {
    expect(await mail(await oddServer(speak))).toMatchObject({ status: 'failed' });
  });

  test('since the server to another machine has no encryption', async () => {
    const { port, mails } = await mailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    const attempt = await mail(port, { host: '0.0.0.0' });
    expect(attempt).toMatchObject({ status: 'failed' });
    expect(mails).toEqual([]);
    expect(await mail(port, { host: '0.0.0.0', allowUnencrypted: true })).toMatchObject({ status: 'sent' });
  });
});
