import { plainText, shorten } from '../agent/plain-text.ts';
import type { Notification } from './notification.ts';

/** The standard asks for less than 20 kB. */
const MOST_BYTES = 20_000;

/** How much of texts and lists is kept; the next row counts where the one before is still too much. */
const MEASURES = [
  { text: 8_000, name: 500, names: 100 },
  { text: 3_000, name: 200, names: 50 },
  { text: 500, name: 100, names: 20 },
  { text: 100, name: 60, names: 10 },
] as const;

/**
 * The JSON that webhooks and commands get: `{type, timestamp, data}` (Standard Webhooks), in less than 20 kB.
 * `timestamp` is when it happened. `data.truncated` says that something was cut.
 */
export function webhookPayload(notification: Notification): string {
  let payload = '';
  for (const measure of MEASURES) {
    payload = JSON.stringify({
      type: `approval.${notification.event}`,
      timestamp: notification.at,
      data: dataOf(notification, measure),
    });
    if (new TextEncoder().encode(payload).length < MOST_BYTES) break;
  }
  return payload;
}

function dataOf(
  notification: Notification,
  measure: (typeof MEASURES)[number],
): Readonly<Record<string, unknown>> {
  const { event: _event, at: _at, approvers, ...rest } = notification;
  let truncated = approvers.length > measure.names;
  const cut = (text: string, limit: number): string => {
    const plain = plainText(text);
    truncated ||= plain.length > limit;
    return shorten(plain, limit);
  };
  const entries = Object.entries(rest).map(([key, value]) => [
    key,
    typeof value === 'string' ? cut(value, LONG_TEXTS.has(key) ? measure.text : measure.name) : value,
  ]);
  const names = approvers.slice(0, measure.names).map((name) => cut(name, measure.name));
  return { ...Object.fromEntries(entries), approvers: names, ...(truncated ? { truncated } : {}) };
}

const LONG_TEXTS: ReadonlySet<string> = new Set(['summary', 'comment']);
