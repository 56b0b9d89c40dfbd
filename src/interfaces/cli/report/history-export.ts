import { csvHeader, csvRow } from '../../../core/history/csv.ts';
import { type HistoryFilter, matchesFilter } from '../../../core/history/filter.ts';
import type { RecordedEntry } from '../../../core/history/recorded-entry.ts';
import { ok, type Result } from '../../../core/result.ts';

export type ExportFormat = 'csv' | 'json';

/** An export piece by piece, in the order of the entries; ends with the problem if the history has one. */
export function* exportPieces(
  entries: Iterable<Result<RecordedEntry>>,
  format: ExportFormat,
  filter: HistoryFilter,
): Generator<Result<string>, undefined> {
  if (format === 'csv') yield ok(csvHeader());
  let count = 0;
  for (const entry of entries) {
    if (!entry.ok) {
      yield entry;
      return;
    }
    if (!matchesFilter(entry.value, filter)) continue;
    yield ok(
      format === 'csv' ? csvRow(entry.value) : `${count === 0 ? '[\n' : ',\n'}${JSON.stringify(entry.value)}`,
    );
    count += 1;
  }
  if (format === 'json') yield ok(count === 0 ? '[]\n' : '\n]\n');
}
