import { type RecordedEntry, stagesOf } from './recorded-entry.ts';

/**
 * Share of failures per stage over the entries given (newest first or last, no matter), 0 to 1. A stage that never ran
 * is absent. An input of the retry strategy.
 */
export function failureRates(entries: readonly RecordedEntry[]): Record<string, number> {
  const runs = new Map<string, { ran: number; failed: number }>();
  for (const entry of entries) {
    for (const { name } of stagesOf(entry)) {
      const count = runs.get(name) ?? { ran: 0, failed: 0 };
      count.ran += 1;
      if (entry['failedStage'] === name) count.failed += 1;
      runs.set(name, count);
    }
  }
  return Object.fromEntries([...runs].map(([name, { ran, failed }]) => [name, failed / ran]));
}
