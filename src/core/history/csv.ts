import { HISTORY_COLUMNS } from './columns.ts';
import { type RecordedEntry, stagesOf } from './recorded-entry.ts';

/** First line of an export. Lines end with CR LF (RFC 4180). */
export function csvHeader(): string {
  return csvLine(HISTORY_COLUMNS.map((column) => column.title));
}

export function csvRow(entry: RecordedEntry): string {
  const stages = stagesOf(entry);
  return csvLine(HISTORY_COLUMNS.map((column) => column.value(entry, stages)));
}

function csvLine(values: readonly (string | number | undefined)[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers. */
function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
