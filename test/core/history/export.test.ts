import { describe, expect, it } from 'vitest';
import { csvHeader, csvRow } from '../../../src/core/history/csv.ts';
import { historyEntrySchema } from '../../../src/core/history/entry.ts';
import { matchesFilter, parseInstant } from '../../../src/core/history/filter.ts';
import { nearestBeginning } from '../../../src/core/nearest.ts';

const columns = csvHeader().trimEnd().split(',');
const cell = (row: string, title: string) => row.trimEnd().split(',')[columns.indexOf(title)];

describe('the CSV export', () => {
  it('has as many cells in a row as titles, and lines that end with CR LF', () => {
    const row = csvRow({ slug: 'a', status: 'success' });
    expect(row.endsWith('\r\n')).toBe(true);
    expect(row.trimEnd().split(',')).toHaveLength(columns.length);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1'])('takes the power out of the formula %j', (text) => {
    expect(cell(csvRow({ slug: text, status: 'success' }), 'slug')).toBe(`'${text}`);
  });

  it('quotes commas, quotes and line ends, and a carriage return in front is no formula', () => {
    expect(csvRow({ slug: 'a,"b"\n', status: 'success' })).toContain('"a,""b""\n"');
    expect(csvRow({ slug: '\rx', status: 'success' })).toContain('"\'\rx"');
  });

  it('leaves unknown figures empty and writes known ones as numbers', () => {
    const row = csvRow({
      slug: 'a',
      status: 'failed',
      failedStage: 'nigel-spec',
      totalCost: 0.25,
      stages: { alex: { durationMs: 5 } },
    });
    expect(
      ['totalCostUsd', 'failedStage', 'alex.durationMs', 'alex.costUsd', 'cass.status'].map((title) =>
        cell(row, title),
      ),
    ).toEqual(['0.25', 'nigel', '5', '', '']);
  });
});

describe('the filter of an export', () => {
  it('takes a date alone as its whole day in UTC', () => {
    expect(parseInstant('2026-02-24', 'since')).toEqual({
      ok: true,
      value: Date.parse('2026-02-24T00:00:00.000Z'),
    });
    expect(parseInstant('2026-02-24', 'until')).toEqual({
      ok: true,
      value: Date.parse('2026-02-24T23:59:59.999Z'),
    });
    expect(parseInstant('2026-02-24T10:00', 'until')).toEqual({
      ok: true,
      value: Date.parse('2026-02-24T10:00:00Z'),
    });
    expect(parseInstant('2026-02-24T10:00:00+02:00', 'since')).toEqual({
      ok: true,
      value: Date.parse('2026-02-24T08:00:00Z'),
    });
  });

  it.each(['yesterday', '2026-02-30', '2026-13-01', '24.02.2026', ''])(
    'refuses %j and shows how it is written',
    (text) => {
      expect(parseInstant(text, 'since')).toMatchObject({ ok: false, error: { code: 'invalid-date' } });
    },
  );

  it('matches status, feature and the start of the run, both ends included', () => {
    const entry = { slug: 'a', status: 'failed', startedAt: '2026-02-24T10:00:00.000Z' };
    const start = Date.parse(entry.startedAt);
    expect(matchesFilter(entry, { sinceMs: start, untilMs: start, status: 'failed', feature: 'a' })).toBe(
      true,
    );
    expect(matchesFilter(entry, { sinceMs: start + 1 })).toBe(false);
    expect(matchesFilter(entry, { untilMs: start - 1 })).toBe(false);
    expect(matchesFilter(entry, { status: 'success' })).toBe(false);
    expect(matchesFilter(entry, { feature: 'b' })).toBe(false);
    expect(matchesFilter({ slug: 'a', status: 'failed' }, { sinceMs: 0 })).toBe(false);
  });
});

it('the schema takes the example of seed 000 with the run id it now carries, and keeps extra keys', () => {
  const entry = {
    slug: 'my-feature',
    status: 'success',
    runId: '0b6c1f3e-6d1f-4a55-9a43-2f1c8f0a0001',
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
    other: { kept: true },
  };
  expect(historyEntrySchema.parse(entry)).toEqual(entry);
  expect(historyEntrySchema.safeParse({ ...entry, startedAt: '24 Feb 2026' }).success).toBe(false);
  expect(historyEntrySchema.safeParse({ ...entry, stages: { someone: {} } }).success).toBe(false);
});

it('a mistyped id is answered with the nearest, a foreign one with none', () => {
  expect(nearestBeginning('my-featrue', ['other', 'my-feature'])).toBe('my-feature');
  expect(nearestBeginning('zzzzzzzz', ['my-feature'])).toBeUndefined();
});
