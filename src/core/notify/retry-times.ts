const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits before each attempt, the first included (Standard Webhooks). */
const WAITS_MS = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A wait becomes longer by up to this share, so that what failed together does not return together. */
const JITTER = 0.2;
const LONGEST_WAIT_MS = 24 * HOUR;

/**
 * How long to wait after `made` attempts, in ms; undefined when there is no further one. `random` lies in 0..1.
 * What a receiver asks for by Retry-After is kept to, up to a day, where it is longer.
 */
export function waitBeforeNext(made: number, random: number, retryAfterMs = 0): number | undefined {
  const wait = WAITS_MS[made];
  if (wait === undefined) return undefined;
  return Math.max(Math.round(wait * (1 + JITTER * random)), Math.min(retryAfterMs, LONGEST_WAIT_MS));
}

/** Value of a Retry-After header in ms from `now` (ms since the epoch): seconds or a date; undefined when it is neither. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * SECOND;
  if (!/^[A-Za-z]{3,9}, /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
