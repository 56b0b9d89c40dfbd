const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `850ms`, `4.2s`, `2m 05s`, `1h 04m`; a dash for what is not known. Takes ms. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds * SECOND < HOUR) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(ms / MINUTE);
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
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
