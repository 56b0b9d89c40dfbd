import { existsSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, channelsFor } from '../../core/notify/channel.ts';
import type { Notification } from '../../core/notify/notification.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, syncDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';
import { setAside } from '../files/set-aside.ts';
import { asEntry, type Entry, entryId } from './entry.ts';

const FORMAT_VERSION = 1;
const LARGEST_ENTRY = 4 * 1024 * 1024;
/** A message that was enqueued again within this time after its end, in ms, is known. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const STALE_MS = 60 * 60 * 1000;

const AT_ONCE = new Date(0).toISOString();

/** How the message of one channel ended, as it is kept. */
export interface Ended {
  readonly status: 'sent' | 'failed';
  readonly detail: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Makes a notification durable for every channel that wants it, before anything is sent: one file each, 0600.
 * Answers with the names of the channels. What waits already, or has ended, is not enqueued again.
 */
export function enqueue(
  stateDirectory: string,
  channels: readonly Channel[],
  notification: Notification,
): Result<readonly string[]> {
  const wanted = channelsFor(channels, notification);
  if (wanted.length === 0) return ok([]);
  const outbox = outboxDirectory(stateDirectory);
  try {
    makePrivateDirectory(outbox);
    for (const channel of wanted) {
      const id = entryId(notification, channel.name);
      if (existsSync(entryPath(stateDirectory, id)) || existsSync(endedPath(stateDirectory, id))) continue;
      writeEntry(stateDirectory, {
        id,
        channel: channel.name,
        notification,
        attempts: 0,
        nextAt: AT_ONCE,
      });
    }
  } catch (error) {
    return fail(fileProblem(error, outbox, 'cannot keep the notification of an approval'));
  }
  return ok(wanted.map(({ name }) => name));
}

export function outboxDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'notify-outbox');
}

/** What waits, in order of names. A damaged file is set aside; one of a newer murmur8 stays and is passed over. */
export function waitingEntries(stateDirectory: string): readonly Entry[] {
  const outbox = outboxDirectory(stateDirectory);
  return namesIn(outbox)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => readEntry(join(outbox, name)) ?? []);
}

/** Replaces an entry by what it is after an attempt. Throws the system's error. */
export function writeEntry(stateDirectory: string, entry: Entry): void {
  writeFileAtomic(
    entryPath(stateDirectory, entry.id),
    `${JSON.stringify({ version: FORMAT_VERSION, entry }, null, 2)}\n`,
    { durable: true },
  );
}

/** Ends an entry: how comes first, so that a message is never enqueued anew between the two. Throws the system's error. */
export function endEntry(stateDirectory: string, entry: Entry, ended: Ended): void {
  const { approvalId, executionId, stage, event } = entry.notification;
  makePrivateDirectory(join(outboxDirectory(stateDirectory), 'ended'));
  writeFileAtomic(
    endedPath(stateDirectory, entry.id),
    `${JSON.stringify({ version: FORMAT_VERSION, approvalId, executionId, stage, event, channel: entry.channel, ...ended }, null, 2)}\n`,
    { durable: true },
  );
  unlinkSync(entryPath(stateDirectory, entry.id));
  syncDirectory(outboxDirectory(stateDirectory));
}

/** Forgets what ended long ago, and what a killed process left half-done. */
export function tidyOutbox(stateDirectory: string): void {
  const outbox = outboxDirectory(stateDirectory);
  const ended = join(outbox, 'ended');
  removeOlder(ended, () => true, KEPT_MS);
  removeOlder(ended, (name) => name.endsWith('.tmp'), STALE_MS);
  removeOlder(outbox, (name) => name.endsWith('.tmp') || name.startsWith('command-'), STALE_MS);
}

function removeOlder(directory: string, isMeant: (name: string) => boolean, ageMs: number): void {
  for (const name of namesIn(directory).filter(isMeant)) {
    try {
      const path = join(directory, name);
      if (Date.now() - statSync(path).mtimeMs > ageMs) rmSync(path, { recursive: true, force: true });
    } catch {
      // Its writer was alive after all and has renamed it.
    }
  }
}

function readEntry(path: string): Entry | undefined {
  const text = readTextBounded(path, LARGEST_ENTRY);
  if (!text.ok || text.value === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    value = undefined;
  }
  const found = asEntry(value);
  if (found === undefined) setAside(path);
  return found?.version === FORMAT_VERSION ? found.entry : undefined;
}

function entryPath(stateDirectory: string, id: string): string {
  return join(outboxDirectory(stateDirectory), `${id}.json`);
}

function endedPath(stateDirectory: string, id: string): string {
  return join(outboxDirectory(stateDirectory), 'ended', `${id}.json`);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
