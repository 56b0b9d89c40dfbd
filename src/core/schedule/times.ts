import type { Schedule } from '../pipeline/definition.ts';
import { type ReadCron, readCron } from './cron.ts';
import { type OffsetAt, offsetsOf } from './zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// No clock was ever set by more.
const LARGEST_SHIFT = 3 * HOUR;
// Any instant will do to see whether a time ever comes, as long as it is not the present.
const SOME_INSTANT = Date.UTC(2024, 0, 1);
const MAX_DUE = 1000;

/**
 * What is wrong with a schedule, for people; undefined where nothing is. It takes five fields or an alias such as
 * `@daily`, an IANA zone, and has to come at all: `0 0 30 2 *` never does.
 */
export function checkSchedule(schedule: Schedule): string | undefined {
  const read = readCron(schedule);
  if (!read.ok) return read.error;
  const first = nextTimes(schedule, SOME_INSTANT, 1);
  return first.length === 0 ? `"${schedule.cron}" never comes: there is no such day` : undefined;
}

/**
 * The next times after an instant, in ISO 8601 UTC. When clocks are put forward, a time that is left out is skipped;
 * when they are put back, a time that comes twice counts the first time only. An hour of `*` means every hour that
 * passes, so there the second one counts as well. A schedule that does not hold `checkSchedule` has none.
 */
export function nextTimes(schedule: Schedule, afterMs: number, count: number): string[] {
  return take(timesAfter(schedule, afterMs), count);
}

/** The first times after one instant up to and with another, at most `limit` of them. */
export function timesBetween(schedule: Schedule, afterMs: number, untilMs: number, limit: number): string[] {
  return take(upTo(timesAfter(schedule, afterMs), untilMs), limit);
}

/**
 * The times for which a run is due, oldest first, given when it was last looked (spec: pipelines 8). `skip` leaves out
 * every time whose minute has passed, `once` gives the latest in place of all, `all` gives each; of these at most
 * 1000, the rest to be asked for from the last of them on.
 */
export function dueTimes(schedule: Schedule, lastLookMs: number, nowMs: number): string[] {
  switch (schedule.catchUp) {
    case 'skip':
      return timesBetween(schedule, Math.max(lastLookMs, nowMs - MINUTE), nowMs, 1);
    case 'once':
      return latestBetween(schedule, lastLookMs, nowMs);
    case 'all':
      return timesBetween(schedule, lastLookMs, nowMs, MAX_DUE);
  }
}

/** Looks back further and further, so that a long absence does not mean walking through every time in it. */
function latestBetween(schedule: Schedule, afterMs: number, untilMs: number): string[] {
  for (const span of [HOUR, DAY, 32 * DAY, Number.POSITIVE_INFINITY]) {
    const from = Math.max(afterMs, untilMs - span);
    const latest = timesBetween(schedule, from, untilMs, Number.POSITIVE_INFINITY).at(-1);
    if (latest !== undefined) return [latest];
    if (from === afterMs) return [];
  }
  return [];
}

function* timesAfter(schedule: Schedule, afterMs: number): Generator<number> {
  const read = readCron(schedule);
  if (!read.ok) return;
  const offsetAt = offsetsOf(schedule.timezone);
  for (let at = read.value.cron.nextRun(new Date(afterMs)); at !== null; at = read.value.cron.nextRun(at)) {
    if (counts(read.value, at, offsetAt)) yield at.getTime();
  }
}

/** The parser moves a time that is left out to the end of the gap, where it does not match; and gives some twice. */
function counts({ cron, everyHour }: ReadCron, at: Date, offsetAt: OffsetAt): boolean {
  return cron.match(at) && (everyHour || !isSecondPass(at.getTime(), offsetAt));
}

/** Whether the clock on the wall has shown this time before. */
function isSecondPass(atMs: number, offsetAt: OffsetAt): boolean {
  const offset = offsetAt(atMs);
  const putBack = offsetAt(atMs - LARGEST_SHIFT) - offset;
  return putBack > 0 && offsetAt(atMs - putBack) - offset === putBack;
}

function* upTo(times: Iterable<number>, untilMs: number): Generator<number> {
  for (const time of times) {
    if (time > untilMs) return;
    yield time;
  }
}

function take(times: Iterable<number>, count: number): string[] {
  const taken: string[] = [];
  if (count <= 0) return taken;
  for (const time of times) {
    taken.push(new Date(time).toISOString());
    if (taken.length >= count) break;
  }
  return taken;
}
