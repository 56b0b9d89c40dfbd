import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { claimWithin } from '../files/claim.ts';

/** A trace that was not delivered, until somebody has been told. */
export interface Undelivered {
  readonly executionId: string;
  readonly runId: string;
  /** Why, for people: without addresses, headers or anything that the endpoint said. */
  readonly reason: string;
}

const MOST_LOG_BYTES = 1 << 20;
const MOST_NOTE_BYTES = 1 << 16;

/** True if a segment's trace has been taken by the endpoint. */
export function wasDelivered(runDirectory: string, runId: string): boolean {
  const log = readTextBounded(logOf(runDirectory), MOST_LOG_BYTES);
  return log.ok && log.value?.includes(` ${runId} delivered `) === true;
}

/**
 * Does something while nobody else delivers a trace of this run; undefined where another one does for longer than
 * `waitMs`.
 */
export async function alone<T>(
  runDirectory: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const claim = claimWithin(runDirectory, 'otel', waitMs);
  if (claim === undefined) return undefined;
  try {
    return await work();
  } finally {
    try {
      claim.release();
    } catch {
      // The run was removed in the meantime, and its claims with it.
    }
  }
}

/** Adds how a delivery went to the run's `otel.log`. A run that was removed in the meantime needs no word. */
export function recordDelivery(
  runDirectory: string,
  line: { readonly at: string; readonly runId: string; readonly outcome: string },
): void {
  try {
    appendFileSync(logOf(runDirectory), `${line.at} ${line.runId} ${line.outcome}\n`, { mode: 0o600 });
  } catch {
    // What cannot be written down changes nothing for the run.
  }
}

/** Leaves word for whoever ends a run next here; of several failures the last one is told. */
export function leaveWord(stateDirectory: string, failure: Undelivered): void {
  try {
    writeFileAtomic(noteOf(stateDirectory), JSON.stringify(failure));
  } catch {
    // The run's own log says it as well.
  }
}

/** The word that was left, which is then gone; undefined if there is none. */
export function takeWord(stateDirectory: string): Undelivered | undefined {
  const text = readTextBounded(noteOf(stateDirectory), MOST_NOTE_BYTES);
  if (!text.ok || text.value === undefined) return undefined;
  try {
    rmSync(noteOf(stateDirectory), { force: true });
    const value: unknown = JSON.parse(text.value);
    return isUndelivered(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isUndelivered(value: unknown): value is Undelivered {
  if (typeof value !== 'object' || value === null) return false;
  if (!('executionId' in value) || !('runId' in value) || !('reason' in value)) return false;
  return [value.executionId, value.runId, value.reason].every((one) => typeof one === 'string');
}

function logOf(runDirectory: string): string {
  return join(runDirectory, 'otel.log');
}

function noteOf(stateDirectory: string): string {
  return join(stateDirectory, 'runs', '.otel-undelivered.json');
}
