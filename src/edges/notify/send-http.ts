import { Webhook } from 'standardwebhooks';
import type { Address, SlackChannel, WebhookChannel } from '../../core/notify/channel.ts';
import { messageOf, messageText } from '../../core/notify/message.ts';
import { retryAfter } from '../../core/notify/retry-times.ts';
import { signingSecrets } from '../../core/notify/signing-secret.ts';
import { slackBody } from '../../core/notify/slack-body.ts';
import { webhookPayload } from '../../core/notify/webhook-payload.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { endpointKind } from '../../core/telemetry/endpoint.ts';
import { type Attempt, type Delivery, failed, type ReadVariable } from './attempt.ts';

/**
 * Posts JSON and answers with the status, or with why none came. It follows no redirect, keeps to the time from the
 * first byte to the last, bounds what it reads, and its `error` quotes neither address nor answer.
 */
export type PostJson = (post: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
}) => Promise<
  | { readonly status: number; readonly retryAfter?: string; readonly error?: never }
  | { readonly error: string; readonly status?: never }
>;

export interface HttpWorld {
  readonly post: PostJson;
  /** What a status other than 2xx means. */
  readonly wordsForStatus: (status: number) => string;
  readonly variable: ReadVariable;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly timeoutMs: number;
}

const GONE = 410;

/** Posts in the form of Standard Webhooks, signed with every secret that is in force. */
export async function sendWebhook(
  channel: WebhookChannel,
  delivery: Delivery,
  world: HttpWorld,
): Promise<Attempt> {
  const body = webhookPayload(delivery.notification);
  const headers = signedHeaders(channel, delivery.id, body, world);
  return headers.ok ? sendTo(channel, headers.value, body, world) : failed(headers.error);
}

/** Posts what Slack and its like show. */
export function sendSlack(channel: SlackChannel, delivery: Delivery, world: HttpWorld): Promise<Attempt> {
  const message = messageOf(delivery.notification);
  return sendTo(channel, {}, slackBody(message, messageText(message)), world);
}

async function sendTo(
  channel: { readonly address: Address; readonly allowUnencrypted: boolean },
  headers: Readonly<Record<string, string>>,
  body: string,
  world: HttpWorld,
): Promise<Attempt> {
  const url = urlOf(channel.address, channel.allowUnencrypted, world.variable);
  if (!url.ok) return failed(url.error);
  const answer = await world.post({
    url: url.value,
    headers,
    body: Buffer.from(body),
    timeoutMs: world.timeoutMs,
  });
  const host = hostOf(url.value);
  if (answer.status === undefined) return failed(`${host}: ${answer.error}`);
  if (answer.status >= 200 && answer.status < 300) {
    return { status: 'sent', detail: `${host} (HTTP ${answer.status})` };
  }
  const detail = `${host}: ${world.wordsForStatus(answer.status)} (HTTP ${answer.status})`;
  if (answer.status === GONE) {
    return { status: 'failed', detail: `${host}: the endpoint is gone for good (HTTP 410)`, gone: true };
  }
  const wait = retryAfter(answer.retryAfter, world.now());
  return { status: 'failed', detail, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

function urlOf(address: Address, allowUnencrypted: boolean, variable: ReadVariable): Result<string, string> {
  const url = 'url' in address ? address.url : variable(address.variable)?.trim();
  const place = 'url' in address ? 'url' : address.variable;
  if (url === undefined) return fail(`${place} is not set in the environment or in .env`);
  const kind = endpointKind(url);
  if (kind === 'malformed') return fail(`${place} must read like https://host/path`);
  if (kind === 'http' && !allowUnencrypted) {
    return fail(`${place} is http:// to another machine, which needs allowUnencrypted`);
  }
  return ok(url);
}

function signedHeaders(
  channel: WebhookChannel,
  id: string,
  body: string,
  world: HttpWorld,
): Result<Record<string, string>, string> {
  const at = new Date(world.now());
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  const { secretVariable } = channel;
  if (secretVariable === undefined) return ok(headers);
  const value = world.variable(secretVariable);
  if (value === undefined) return fail(`${secretVariable} is not set in the environment or in .env`);
  const secrets = signingSecrets(value);
  if (!secrets.ok) return fail(`${secretVariable} ${secrets.error}`);
  const signatures = secrets.value.map((secret) => new Webhook(secret).sign(id, at, body));
  return ok({ ...headers, 'webhook-signature': signatures.join(' ') });
}

function hostOf(url: string): string {
  return new URL(url).host;
}
