import type { HistoryEntry } from '../../../src/core/history/entry.ts';

/** A successful run; say only what is unusual. */
export function anEntry(unusual: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    slug: 'my-feature',
    status: 'success',
    runId: '0b6c1f3e-6d1f-4a55-9a43-000000000001',
    startedAt: '2026-02-24T10:00:00.000Z',
    completedAt: '2026-02-24T10:15:00.000Z',
    totalDurationMs: 900_000,
    stages: {
      alex: {
        startedAt: '2026-02-24T10:00:00.000Z',
        completedAt: '2026-02-24T10:02:00.000Z',
        durationMs: 120_000,
      },
    },
    failedStage: null,
    pausedAfter: null,
    ...unusual,
  };
}

/** Run ids whose place in a series can be read off. */
export function runId(number: number): string {
  return `0b6c1f3e-6d1f-4a55-9a43-${String(number).padStart(12, '0')}`;
}
