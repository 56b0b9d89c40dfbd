const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `850ms`, `4.2s`, `2m 05s`, `1h 04m`, `2d 03h`; a dash for what is not known. Takes ms. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds * SECOND < HOUR) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes * MINUTE < DAY) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  const hours = Math.round(ms / HOUR);
  return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
}

/** `12m 45s`, as seed 002 prints durations, to the second; longer ones `2h 0m 5s` and `1d 4h 0m 9s`. Takes ms. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value, unit]) => value > 0 || unit === 's');
  return parts
    .slice(first)
    .map(([value, unit]) => `${value}${unit}`)
    .join(' ');
}

/** `2026-02-24 10:00:00Z`: an ISO instant for people, to the second. */
export function formatInstant(iso: string | undefined): string {
  if (iso === undefined) return '-';
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(iso);
  return parts === null ? iso : `${parts[1]} ${parts[2]}Z`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
