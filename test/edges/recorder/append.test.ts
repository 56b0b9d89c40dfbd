import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyEntrySchema } from '../../../src/core/history/entry.ts';
import { appendEntry } from '../../../src/edges/recorder/append.ts';
import { lastEntries } from '../../../src/edges/recorder/read.ts';
import { anEntry, runId } from './history-entries.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-append-'));
  file = join(directory, '.claude', 'pipeline-history.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function array(): unknown[] {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  if (!Array.isArray(value)) throw new Error('not an array');
  return value;
}

function withFile(content: string): void {
  mkdirSync(join(directory, '.claude'), { recursive: true });
  writeFileSync(file, content);
}

describe('appendEntry', () => {
  it('creates the file with an array of the one entry, readable by its owner alone (AC-5)', () => {
    expect(appendEntry(file, anEntry())).toEqual({ ok: true, value: 'appended' });
    expect(array()).toEqual([anEntry()]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('writes one entry per line between the brackets, oldest first', () => {
    for (const number of [1, 2, 3]) appendEntry(file, anEntry({ runId: runId(number) }));
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines[0]).toBe('[');
    expect(lines.slice(1, 4).map((line) => JSON.parse(line.replace(/,$/, '')).runId)).toEqual(
      [1, 2, 3].map(runId),
    );
    expect(lines.slice(4)).toEqual([']', '']);
  });

  it.each([
    ['success', anEntry()],
    ['failed', anEntry({ status: 'failed', failedStage: 'nigel' })],
    ['paused', anEntry({ status: 'paused', pausedAfter: 'cass', reasonCode: 'PAUSED_AFTER_STAGE' })],
  ])('records a run that ended as %s with all its fields (AC-1 to AC-4)', (_status, entry) => {
    appendEntry(file, entry);
    expect(array()).toEqual([entry]);
    expect(historyEntrySchema.safeParse(array()[0]).success).toBe(true);
  });

  it.each([
    ['an empty file', '', 0],
    ['an empty array', '[]', 0],
    ['an empty array with spaces', ' [ \r\n ]\r\n', 0],
    ['an indented array of 4.x', JSON.stringify([{ slug: 'a', status: 'success', stages: {} }], null, 2), 1],
    ['an array on one line', '[{"slug":"a","status":"failed"},{"slug":"b","status":"success"}]', 2],
    ['CR LF line ends', '[\r\n{"slug":"a","status":"success"}\r\n]\r\n', 1],
    ['a byte order mark', '\uFEFF[{"slug":"a","status":"success"}]', 1],
    [
      'more space behind the array than an entry is long',
      `[{"slug":"a","status":"success"}${' '.repeat(9000)}]\n\n`,
      1,
    ],
  ])('appends to %s and keeps the bytes of every entry', (_name, content, before) => {
    withFile(content);
    const entries = content.trim() === '' ? '' : content.slice(0, content.lastIndexOf('}') + 1);
    expect(appendEntry(file, anEntry())).toEqual({ ok: true, value: 'appended' });
    expect(appendEntry(file, anEntry({ runId: runId(2) }))).toEqual({ ok: true, value: 'appended' });
    expect(array()).toHaveLength(before + 2);
    expect(array().slice(-2)).toEqual([anEntry(), anEntry({ runId: runId(2) })]);
    expect(readFileSync(file, 'utf8').startsWith(entries)).toBe(true);
  });

  it.each([
    ['a torn array', '[\n{"slug":"a","status":"success"},\n{"slug":"b","sta'],
    ['an object', '{"slug":"a"}\n'],
    ['an object that ends like an array', '{"runs":[{"slug":"a"}]'],
    ['text', 'not json'],
    ['zeros, as a power cut leaves them', '\0\0\0\0'],
    ['a comma too many', '[{"slug":"a","status":"success"},]'],
  ])('never overwrites a file that holds %s, and says where and how to repair it', (_name, content) => {
    withFile(content);
    const result = appendEntry(file, anEntry());
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: 'SYS_STATE_CORRUPT',
        file,
        line: expect.any(Number),
        hint: expect.stringContaining('history repair'),
      },
    });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('does not record a run twice when its caller repeats itself', () => {
    for (let number = 1; number <= 5; number += 1) appendEntry(file, anEntry({ runId: runId(number) }));
    expect(appendEntry(file, anEntry({ runId: runId(2) }))).toEqual({ ok: true, value: 'already-recorded' });
    expect(array()).toHaveLength(5);
  });

  it('records a continuation although the id of its first part stands in the file', () => {
    appendEntry(file, anEntry({ runId: runId(1), status: 'paused' }));
    appendEntry(file, anEntry({ runId: runId(2), previousRunId: runId(1) }));
    appendEntry(file, anEntry({ runId: runId(3), previousRunId: runId(9) }));
    expect(appendEntry(file, anEntry({ runId: runId(9) }))).toEqual({ ok: true, value: 'appended' });
    expect(array()).toHaveLength(4);
  });

  it('follows a symbolic link, also to a file that is not there yet', () => {
    const real = join(directory, 'elsewhere', 'real.json');
    mkdirSync(join(directory, '.claude'));
    mkdirSync(join(directory, 'elsewhere'));
    symlinkSync(real, file);
    appendEntry(file, anEntry({ runId: runId(1) }));
    appendEntry(real, anEntry({ runId: runId(2) }));
    appendEntry(file, anEntry({ runId: runId(3) }));
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toHaveLength(3);
    expect(existsSync(join(directory, '.claude', '.history-lock'))).toBe(false);
  });

  it('answers with a problem where a directory stands in the way', () => {
    mkdirSync(file, { recursive: true });
    expect(appendEntry(file, anEntry())).toMatchObject({
      ok: false,
      error: { code: 'SYS_WRITE_ERROR', file },
    });
  });

  it('keeps extra keys of other writers', () => {
    withFile('[{"slug":"a","status":"success","team":{"x":[1,2]}}]');
    appendEntry(file, anEntry({ extra: 'kept' }));
    const result = lastEntries(file, 10);
    expect(result.ok && result.value.map((entry) => entry['team'] ?? entry['extra'])).toEqual([
      'kept',
      { x: [1, 2] },
    ]);
  });
});
