import { createHash } from 'node:crypto';
import { linkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, syncDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';

/** Version of the form that this program writes. */
const VERSION = 1;
const LARGEST = 16 << 20;

/** A run that an event starts; its id is chosen before the run is made. */
export interface PlannedRun {
  readonly pipeline: string;
  readonly executionId: string;
}

export interface Delivery {
  /** Under which the sender delivered the event, and delivers it again if it heard nothing. */
  readonly deliveryId: string;
  /** Such as `pull_request.merged`. */
  readonly type: string;
  /** What is known of the event, as JSON. */
  readonly event: unknown;
  /** Which runs it starts. Asked at most once; its answer counts only if this delivery is the first. */
  readonly plan: () => readonly PlannedRun[];
}

export interface RecordedDelivery {
  /** False for an event that was delivered before. */
  readonly first: boolean;
  /** The runs of the first delivery: those that are not there yet are to be started, whoever asks. */
  readonly runs: readonly PlannedRun[];
  /** ISO 8601 time of the first delivery. */
  readonly receivedAt: string;
}

export function eventsDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'events');
}

/**
 * Writes an event down, durable, before anything is done about it (spec: pipelines 8: once-only by delivery id). Of
 * several deliveries with one id, in however many processes, exactly one is the first. After a crash the same delivery
 * answers with the same runs.
 */
export function recordDelivery(
  stateDirectory: string,
  delivery: Delivery,
  now: () => number = Date.now,
): Result<RecordedDelivery> {
  const directory = eventsDirectory(stateDirectory);
  const path = join(directory, `${createHash('sha256').update(delivery.deliveryId).digest('hex')}.json`);
  const before = readEntry(path);
  if (!before.ok || before.value !== undefined) return seenBefore(before);
  const runs = delivery.plan();
  const receivedAt = new Date(now()).toISOString();
  const { deliveryId, type, event } = delivery;
  const text = `${JSON.stringify({ v: VERSION, deliveryId, type, receivedAt, event, runs })}\n`;
  if (text.length > LARGEST / 4) return fail(tooLarge(deliveryId));
  try {
    makePrivateDirectory(directory);
    if (createWhole(path, text)) return ok({ first: true, runs, receivedAt });
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot note the event'));
  }
  return seenBefore(readEntry(path));
}

type Entry = Omit<RecordedDelivery, 'first'>;

function seenBefore(entry: Result<Entry | undefined>): Result<RecordedDelivery> {
  if (!entry.ok) return entry;
  if (entry.value !== undefined) return ok({ first: false, ...entry.value });
  return fail({
    code: 'busy',
    message: 'the note of this event was removed at the same moment',
    hint: 'deliver it again',
  });
}

/** An entry is there whole or not at all, and only one process can be the one that made it. */
function createWhole(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.new`;
  writeFileAtomic(temporary, text, { durable: true });
  try {
    linkSync(temporary, path);
    syncDirectory(join(path, '..'));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function readEntry(path: string): Result<Entry | undefined> {
  const text = readTextBounded(path, LARGEST);
  if (!text.ok) return text;
  if (text.value === undefined) return ok(undefined);
  try {
    const value: unknown = JSON.parse(text.value);
    if (isEntry(value)) return ok({ runs: value.runs, receivedAt: value.receivedAt });
  } catch {
    // Told below.
  }
  return fail({
    code: 'event-damaged',
    message: 'is no whole note of an event, so nobody can tell what it started',
    file: path,
    hint: 'look for its runs with murmur8 queue --all; without this file the event counts as new',
  });
}

function isEntry(value: unknown): value is Entry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'receivedAt' in value &&
    typeof value.receivedAt === 'string' &&
    'runs' in value &&
    Array.isArray(value.runs) &&
    value.runs.every(isPlannedRun)
  );
}

function isPlannedRun(value: unknown): value is PlannedRun {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pipeline' in value &&
    typeof value.pipeline === 'string' &&
    'executionId' in value &&
    typeof value.executionId === 'string'
  );
}

function tooLarge(deliveryId: string): Problem {
  return {
    code: 'event-too-large',
    message: `event ${JSON.stringify(deliveryId.slice(0, 80))} is larger than ${LARGEST / 4} characters`,
    hint: 'deliver only what pipelines ask for',
  };
}
