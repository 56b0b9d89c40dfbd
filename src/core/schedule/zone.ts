import { nearestTo } from '../nearest.ts';

/** Milliseconds by which a zone's clock is ahead of UTC at an instant. */
export type OffsetAt = (instantMs: number) => number;

/** What is wrong with the name of a time zone, for people; undefined where nothing is. */
export function zoneProblem(timezone: string): string | undefined {
  try {
    // An offset such as +02:00 knows no daylight saving, and is a zone to some versions of Node only.
    if (/^[A-Za-z]/.test(timezone)) {
      new Intl.DateTimeFormat('en', { timeZone: timezone });
      return undefined;
    }
  } catch {
    // Not known: said below.
  }
  const meant = nearestTo(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  const hint =
    meant === undefined ? 'write a name such as "Europe/Berlin" or "UTC"' : `did you mean "${meant}"?`;
  return `"${timezone}" is no time zone: ${hint}`;
}

/** The offsets of a zone that exists. */
export function offsetsOf(timezone: string): OffsetAt {
  const clock = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instantMs) => {
    const parts = clock.formatToParts(instantMs);
    const part = (type: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find((one) => one.type === type)?.value);
    const shown = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return shown - Math.floor(instantMs / 1000) * 1000;
  };
}
