import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStatusFile } from '../../../src/edges/store/status-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-status-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function shown(): unknown {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'));
}

test('a document takes the place of the one before, for its owner alone, and leaves nothing beside it', () => {
  const file = openStatusFile(directory, 1, false);
  expect(file.replace({ text: 'long enough to be longer than the next' }).ok).toBe(true);
  expect(file.replace({ n: 2 }).ok).toBe(true);
  expect(shown()).toEqual({ n: 2 });
  expect(statSync(join(directory, 'state.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['state.json']);
});

test('whoever opened a document reads it to its end, though others have come', () => {
  const file = openStatusFile(directory, 1, false);
  file.replace({ n: 1 });
  const before = statSync(join(directory, 'state.json')).ino;
  file.replace({ n: 2 });
  expect(statSync(join(directory, 'state.json')).ino).not.toBe(before);
});

test('an owner that was taken for dead does not write into the document of its successor', () => {
  const first = openStatusFile(directory, 1, false);
  writeFileSync(join(directory, 'state.json.1.tmp'), 'half of');
  const second = openStatusFile(directory, 2, true);
  expect(readdirSync(directory)).toEqual([]);
  second.replace({ by: 2 });
  first.replace({ by: 1 });
  expect(shown()).toEqual({ by: 1 });
  expect(readdirSync(directory)).toEqual(['state.json']);
});

test('a document that cannot be written is a problem with its place, and the old one stays', () => {
  const file = openStatusFile(directory, 1, false);
  file.replace({ n: 1 });
  mkdirSync(join(directory, 'state.json.1.tmp'));
  expect(file.replace({ n: 2 })).toMatchObject({
    ok: false,
    error: { code: 'SYS_WRITE_ERROR', file: join(directory, 'state.json') },
  });
  expect(shown()).toEqual({ n: 1 });
});
