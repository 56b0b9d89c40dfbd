import { basename } from 'node:path';
import { withoutQueued, withQueued } from '../../core/telemetry/queue.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { tryClaim } from '../files/claim.ts';
import { setAside } from '../files/set-aside.ts';
import { lockDirectory, whileLocked } from './locks.ts';

const LARGEST_QUEUE = 512 * 1024 * 1024;

/**
 * Puts a payload that could not be sent into the queue file: at most 50, the oldest give way, a run that waits
 * already is replaced (seed 004, story failed-queue-retry AC-1, AC-6). False when nothing could be written; it never
 * throws and never prints. A file that is no list of payloads is set aside beside it.
 */
export function enqueueFailure(payload: unknown, queuePath: string): boolean {
  try {
    return changeQueue(queuePath, (queue) => withQueued(queue, payload));
  } catch {
    return false;
  }
}

/** Takes one payload out of the queue, wherever it stands by now. */
export function dequeue(payload: unknown, queuePath: string): boolean {
  try {
    if (readQueue(queuePath)?.length === 0) return true;
    return changeQueue(queuePath, (queue) => withoutQueued(queue, payload));
  } catch {
    return false;
  }
}

/** The payloads that wait; undefined when the file cannot be read as a list. Writes nothing. */
export function readQueue(queuePath: string): readonly unknown[] | undefined {
  const text = readTextBounded(queuePath, LARGEST_QUEUE);
  if (!text.ok) return undefined;
  if (text.value === undefined) return [];
  return parseQueue(text.value);
}

/** What a retry did; `busy` when another one is at it, which then nothing is sent twice for. */
export interface RetryOutcome {
  readonly sent: number;
  readonly kept: number;
  readonly busy: boolean;
}

/**
 * Tries every payload of the queue once, oldest first, and removes each one as soon as it is sent; the file ends as
 * `[]` when all are (story failed-queue-retry AC-2 to AC-5). `sendFn` answers with a truthy value (or an object
 * whose `ok` is true) or a promise of one; a falsy answer or an exception keeps the payload. Payloads that are added
 * meanwhile stay. Of two processes one retries, the other leaves at once. Never throws. With a synchronous `sendFn`
 * all is done when the call returns.
 */
export async function retryQueue(
  queuePath: string,
  sendFn: (payload: unknown) => unknown,
): Promise<RetryOutcome> {
  let sent = 0;
  let kept = 0;
  try {
    if (readQueue(queuePath)?.length === 0) return { sent, kept, busy: false };
    const attempt = tryClaim(lockDirectory(queuePath), `${basename(queuePath)}.retry`);
    if (!attempt.held) return { sent, kept, busy: true };
    try {
      for (const payload of queueOrSetAside(queuePath)) {
        attempt.claim.heartbeat();
        let accepted = false;
        try {
          const answer = sendFn(payload);
          accepted = isAccepted(isThenable(answer) ? await answer : answer);
        } catch {
          // The payload stays: whatever went wrong, it was not accepted.
        }
        if (accepted) dequeue(payload, queuePath);
        if (accepted) sent += 1;
        else kept += 1;
      }
    } finally {
      attempt.claim.release();
    }
  } catch {
    // A directory that cannot be written holds no claim; the queue stays for the next run.
  }
  return { sent, kept, busy: false };
}

function changeQueue(queuePath: string, change: (queue: readonly unknown[]) => readonly unknown[]): boolean {
  return whileLocked(lockDirectory(queuePath), basename(queuePath), () => {
    const queue = readOrSetAside(queuePath);
    if (queue === undefined) return false;
    const next = change(queue);
    if (next !== queue) writeFileAtomic(queuePath, JSON.stringify(next), { durable: true });
    return true;
  });
}

function queueOrSetAside(queuePath: string): readonly unknown[] {
  let queue: readonly unknown[] | undefined;
  whileLocked(lockDirectory(queuePath), basename(queuePath), () => {
    queue = readOrSetAside(queuePath);
    return true;
  });
  return queue ?? [];
}

/** Only under the lock. Undefined when the file is there but can neither be read nor moved. */
function readOrSetAside(queuePath: string): readonly unknown[] | undefined {
  const text = readTextBounded(queuePath, LARGEST_QUEUE);
  if (text.ok && text.value === undefined) return [];
  const queue = text.ok ? parseQueue(text.value ?? '') : undefined;
  if (queue !== undefined) return queue;
  const readable = text.ok || text.error.code === 'file-too-large';
  return readable && setAside(queuePath) ? [] : undefined;
}

function parseQueue(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A result object says by `ok` whether it is one; that it is an object alone does not make it a success. */
function isAccepted(answer: unknown): boolean {
  if (typeof answer === 'object' && answer !== null && 'ok' in answer) return Boolean(answer.ok);
  return Boolean(answer);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
