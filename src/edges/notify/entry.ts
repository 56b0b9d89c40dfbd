import { createHash } from 'node:crypto';
import type { Notification } from '../../core/notify/notification.ts';

/** One message for one channel, as it waits in the outbox. */
export interface Entry {
  readonly id: string;
  readonly channel: string;
  readonly notification: Notification;
  /** Attempts that have ended. */
  readonly attempts: number;
  /** Not to be tried before; ISO 8601. */
  readonly nextAt: string;
  readonly lastFailure?: string;
}

const LONGEST_ID = 150;

/**
 * `<approval>-<event>-<channel>`: the same for the same message, so that a second enqueueing and a second delivery
 * are known. Somebody may vote or delegate more than once in the life of an approval; who and when tell these apart.
 * Letters, digits, `-` and `_` only: it is a file's name and the id of a webhook, whose signature divides by dots.
 */
export function entryId(notification: Notification, channel: string): string {
  const { approvalId, event, actor, at } = notification;
  const whole = [approvalId, event, channel, ...(actor === undefined ? [] : [actor, at])].join('\n');
  const plain = `${approvalId}-${event}-${channel}`;
  const clean = plain.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST_ID);
  if (clean === plain && actor === undefined) return plain;
  return `${clean}-${createHash('sha256').update(whole).digest('hex').slice(0, 12)}`;
}

/** No wait is longer, jitter included; a later time was written before the clock was set back. */
const LONGEST_WAIT_MS = 30 * 60 * 60 * 1000;

/** When an entry is to be tried, in ms since the epoch. */
export function dueAt(entry: Entry, now: number): number {
  const time = Date.parse(entry.nextAt);
  return time - now > LONGEST_WAIT_MS ? now : time;
}

/** The entry in a parsed file; undefined when it is none. The file is this program's own, so its form is trusted beyond that. */
export function asEntry(value: unknown): { readonly version: number; readonly entry: Entry } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('version' in value) || typeof value.version !== 'number' || !('entry' in value)) return undefined;
  const { entry } = value;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const complete =
    'id' in entry &&
    typeof entry.id === 'string' &&
    'channel' in entry &&
    typeof entry.channel === 'string' &&
    'attempts' in entry &&
    typeof entry.attempts === 'number' &&
    'nextAt' in entry &&
    typeof entry.nextAt === 'string' &&
    !Number.isNaN(Date.parse(entry.nextAt)) &&
    'notification' in entry &&
    typeof entry.notification === 'object' &&
    entry.notification !== null;
  return complete ? { version: value.version, entry: entry as Entry } : undefined;
}
