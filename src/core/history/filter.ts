import { fail, ok, type Result } from '../result.ts';
import type { RecordedEntry } from './recorded-entry.ts';

/** Which entries to take. Instants in ms since the epoch, both inclusive, compared with the start of a run. */
export interface HistoryFilter {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly status?: string;
  /** Slug of the feature. */
  readonly feature?: string;
}

const DAY_MS = 86_400_000;

/** An entry without a readable start matches no time filter. */
export function matchesFilter(entry: RecordedEntry, filter: HistoryFilter): boolean {
  if (filter.status !== undefined && entry.status !== filter.status) return false;
  if (filter.feature !== undefined && entry.slug !== filter.feature) return false;
  if (filter.sinceMs === undefined && filter.untilMs === undefined) return true;
  const start = typeof entry['startedAt'] === 'string' ? Date.parse(entry['startedAt']) : Number.NaN;
  return (
    start >= (filter.sinceMs ?? Number.NEGATIVE_INFINITY) &&
    start <= (filter.untilMs ?? Number.POSITIVE_INFINITY)
  );
}

/**
 * An instant of `--since` or `--until`: an ISO 8601 date, or date and time (UTC unless it names an offset).
 * A date alone means its first or, for `until`, its last millisecond.
 */
export function parseInstant(text: string, edge: 'since' | 'until'): Result<number> {
  const dateOnly = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const withTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.test(text);
  const zoned = dateOnly || /(Z|[+-]\d{2}:\d{2})$/.test(text.slice(10));
  const ms = dateOnly || withTime ? Date.parse(zoned ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(ms) || (dateOnly && new Date(ms).toISOString().slice(0, 10) !== text))
    return fail({
      code: 'invalid-date',
      message: `--${edge} ${JSON.stringify(text)} is not a date`,
      hint: 'write it as 2026-02-24 or 2026-02-24T10:00:00Z',
    });
  return ok(dateOnly && edge === 'until' ? ms + DAY_MS - 1 : ms);
}
