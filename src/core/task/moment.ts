/**
 * A point in time as a task file says it. Kept as whole seconds and the digits behind them, because JavaScript's own
 * dates end at the millisecond, and moments are compared exactly (spec: tasks, execution).
 */
export interface Moment {
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** Digits of the second's fraction without trailing zeros; empty for none. */
  readonly fraction: string;
  /** `exact` names an offset; `local` names none and `date` no time either: both are taken as UTC. */
  readonly precision: 'exact' | 'local' | 'date';
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?)?$/;

/** Reads an ISO 8601 date-time, or a date; undefined for anything else and for days and hours that do not exist. */
export function readMoment(text: string): Moment | undefined {
  const found = ISO.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetSeconds(found);
  if (offset === undefined) return undefined;
  const isExact = found[8] !== undefined || found[9] !== undefined;
  return {
    seconds: daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset,
    fraction: (found[7] ?? '').replace(/0+$/, ''),
    precision: isExact ? 'exact' : found[4] === undefined ? 'date' : 'local',
  };
}

/** Whether a text is a moment that leaves nothing open: it exists and names its offset. */
export function isExactMoment(text: string): boolean {
  // As programs write it, with a day that all months have.
  if (COMMON.test(text)) return true;
  return readMoment(text)?.precision === 'exact';
}

const COMMON = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

/** Whether two moments are in this order, or the same; false where one cannot be read. */
export function isInOrder(one: string, other: string): boolean {
  // Written alike and to the millisecond, texts are in the order of what they mean.
  if (one.length === 24 && other.length === 24 && COMMON.test(one) && COMMON.test(other)) return one <= other;
  const from = readMoment(one);
  const to = readMoment(other);
  return from !== undefined && to !== undefined && compareMoments(from, to) <= 0;
}

/** Below zero where the first moment is earlier; zero for the same moment, however it is written. */
export function compareMoments(one: Moment, other: Moment): number {
  if (one.seconds !== other.seconds) return one.seconds - other.seconds;
  if (one.fraction === other.fraction) return 0;
  return one.fraction < other.fraction ? -1 : 1;
}

/** Seconds from one moment to another, to the millisecond. */
export function secondsBetween(from: Moment, to: Moment): number {
  return (to.seconds * 1000 + milliseconds(to) - (from.seconds * 1000 + milliseconds(from))) / 1000;
}

function milliseconds({ fraction }: Moment): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function offsetSeconds(found: RegExpExecArray): number | undefined {
  const hours = Number(found[10] ?? 0);
  const minutes = Number(found[11] ?? 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (found[9] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Counted from a year that begins in March, so that a leap day is its last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 1 - 719_468;
}
