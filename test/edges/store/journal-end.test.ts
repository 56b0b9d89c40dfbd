import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lookAtJournalEnd } from '../../../src/edges/store/journal-end.ts';
import { latestLog } from '../../../src/edges/store/latest-log.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-journal-end-'));
const file = join(base, 'journal.jsonl');
afterAll(() => rmSync(base, { recursive: true, force: true }));

const first = '{"seq":1,"at":"2026-01-05T09:00:00.000Z","type":"run.created"}\n';
const last = '{"seq":2,"at":"2026-01-05T09:00:01.000Z","type":"run.finished"}\n';

function endOf(text: string) {
  writeFileSync(file, text);
  return lookAtJournalEnd(file);
}

test('the end of a journal is the time of its last event', () => {
  expect(endOf(first + last)).toEqual({ isWhole: true, lastAt: '2026-01-05T09:00:01.000Z' });
});

test('a torn last line never happened', () => {
  expect(endOf(`${first}{"seq":2,"at":"2026`)).toEqual({ isWhole: true, lastAt: '2026-01-05T09:00:00.000Z' });
});

test('that the books were closed says nothing about the run', () => {
  const books = '{"seq":3,"at":"2026-01-05T09:00:09.000Z","type":"history.recorded"}\n';
  expect(endOf(first + last + books)?.lastAt).toBe('2026-01-05T09:00:01.000Z');
});

test('a line that is not JSON is damage', () => {
  expect(endOf(`${first}not json\n${last}`)).toEqual({ isWhole: false });
});

test('of a long journal only the end is looked at, from the first whole line on', () => {
  const long = `{"seq":1,"filler":"${'x'.repeat(200_000)}"}\n`;
  expect(endOf(`${long}not json\n${long}${last}`)).toEqual({
    isWhole: true,
    lastAt: '2026-01-05T09:00:01.000Z',
  });
});

test('a journal that is not there has no end', () => {
  expect(lookAtJournalEnd(join(base, 'none'))).toBeUndefined();
  expect(lookAtJournalEnd(base)).toBeUndefined();
});

test('the latest log is that of the highest frame and attempt, not of the name that sorts last', () => {
  const logs = join(base, 'run/logs/draw');
  mkdirSync(logs, { recursive: true });
  for (const name of ['9-1.log', '10-2.log', '10-1.log', '10-10.log', 'zz.log', '11-1.txt'])
    writeFileSync(join(logs, name), '');
  expect(latestLog(join(base, 'run'), 'draw')).toBe(join(logs, '10-10.log'));
  expect(latestLog(join(base, 'run'), 'other')).toBeUndefined();
});
