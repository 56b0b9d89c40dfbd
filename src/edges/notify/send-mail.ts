import { setTimeout as pause } from 'node:timers/promises';
import type { MailChannel } from '../../core/notify/channel.ts';
import { messageOf, messageText, subjectOf } from '../../core/notify/message.ts';
import { endpointKind } from '../../core/telemetry/endpoint.ts';
import { type Attempt, type Delivery, failed, type ReadVariable } from './attempt.ts';

export interface MailWorld {
  readonly variable: ReadVariable;
  /** From looking up the host to the last answer, whatever the server does; ms. */
  readonly timeoutMs: number;
}

/**
 * Sends a plain-text mail over SMTP. Encrypted, except to this machine or where the channel allows otherwise; a
 * certificate that does not verify is a failure. With a map of addresses only approvers get it.
 */
export async function sendMail(channel: MailChannel, delivery: Delivery, world: MailWorld): Promise<Attempt> {
  const place = `${channel.host}:${channel.port}`;
  const to = recipients(channel, delivery);
  if (to.length === 0) return failed(`${place}: no approver has an address in "to"`);
  const password = channel.login === undefined ? undefined : world.variable(channel.login.passwordVariable);
  if (channel.login !== undefined && password === undefined) {
    return failed(`${channel.login.passwordVariable} is not set in the environment or in .env`);
  }
  const content = await compose(channel, delivery, to);
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const connection = new SMTPConnection({
    host: channel.host,
    port: channel.port,
    secure: channel.secure,
    requireTLS: !channel.secure && !mayBePlain(channel),
    ignoreTLS: !channel.secure && isLoopback(channel.host),
    tls: { rejectUnauthorized: true },
    connectionTimeout: world.timeoutMs,
    logger: false,
  });
  const over = new AbortController();
  try {
    const talk = new Promise<Attempt>((resolve) => {
      const fail = (error: unknown): void => resolve(failed(`${place}: ${wordsFor(error)}`));
      connection.on('error', fail);
      connection.on('end', () => resolve(failed(`${place}: the server closed the connection`)));
      connection.connect((error) => {
        if (error) return fail(error);
        const { login } = channel;
        if (login === undefined || password === undefined) return submit();
        connection.login({ credentials: { user: login.user, pass: password } }, (refusal) =>
          refusal ? fail(refusal) : submit(),
        );
      });

      function submit(): void {
        connection.send({ from: channel.from, to: [...to] }, content, (error, info) => {
          if (error) return fail(error);
          const refused = info.rejected.length;
          const some = refused === 0 ? '' : `, ${refused} refused`;
          resolve({
            status: 'sent',
            detail: `${place} (${info.accepted.length} of ${to.length} recipients${some})`,
          });
        });
      }
    });
    const late = pause(world.timeoutMs, failed(`${place}: not done in time`), { signal: over.signal });
    return await Promise.race([talk, late]);
  } finally {
    over.abort();
    connection.on('error', () => {});
    connection.close();
  }
}

function recipients(channel: MailChannel, delivery: Delivery): readonly string[] {
  if (isList(channel.to)) return channel.to;
  const addresses = channel.to;
  if (delivery.notification.event === 'test') return [...new Set(Object.values(addresses))];
  const known = delivery.notification.approvers.filter((name) => Object.hasOwn(addresses, name));
  return [...new Set(known.flatMap((name) => addresses[name] ?? []))];
}

function isList(to: MailChannel['to']): to is readonly string[] {
  return Array.isArray(to);
}

/** The id of the mail is that of the message, so that a repetition can be known by it. */
async function compose(channel: MailChannel, delivery: Delivery, to: readonly string[]): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const message = messageOf(delivery.notification);
  const mail = new MailComposer({
    from: { name: 'murmur8', address: channel.from },
    to: to.map((address) => ({ name: '', address })),
    subject: subjectOf(message),
    text: messageText(message),
    messageId: `<${delivery.id}@${channel.from.slice(channel.from.lastIndexOf('@') + 1)}>`,
    date: new Date(delivery.notification.at),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return mail.compile().build();
}

function mayBePlain(channel: MailChannel): boolean {
  return channel.allowUnencrypted || isLoopback(channel.host);
}

function isLoopback(host: string): boolean {
  const authority = host.includes(':') ? `[${host}]` : host;
  return endpointKind(`http://${authority}/`) === 'http-local';
}

const WORDS: Readonly<Record<string, string>> = {
  EAUTH: 'the server does not accept user and password',
  ECONNECTION: 'the connection failed',
  ECONNREFUSED: 'nothing listens at this address',
  EDNS: 'the host name is not known',
  EENVELOPE: 'the server refuses the sender or all recipients',
  EMESSAGE: 'the server refuses the message',
  EPROTOCOL: 'the server does not speak SMTP',
  ESOCKET: 'the connection failed',
  ETIMEDOUT: 'no answer in time',
  ETLS: 'no encrypted connection could be made',
};

/** Only codes are passed on: what a server says may quote what it was told. */
function wordsFor(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'the delivery failed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const answered =
    'responseCode' in error && typeof error.responseCode === 'number' ? ` (SMTP ${error.responseCode})` : '';
  const cause = error instanceof Error ? /\bE[A-Z]{4,20}\b/.exec(error.message)?.[0] : undefined;
  return `${WORDS[code] ?? 'the delivery failed'}${answered || (cause === undefined ? '' : ` (${cause})`)}`;
}
