import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_WAIT_MS = 10 * 60 * 1000;

/** Resolves with the promise, or when the time is over; no timer is left behind. */
export async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    promise,
    pause(milliseconds, undefined, { signal: over.signal }).catch(() => undefined),
  ]);
  over.abort();
}

/** How long a command waits for its deliveries, in ms: `MURMUR8_TELEMETRY_WAIT_MS`, at most ten minutes, by default 0. */
export function waitMilliseconds(value: string | undefined): number {
  const wait = Number(value?.trim() || '0');
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, LONGEST_WAIT_MS) : 0;
}
