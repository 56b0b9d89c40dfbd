import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProjectDirectory } from '../../../src/edges/project/make-directory.ts';

let root: string;
let outside: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'murmur8-make-'));
  outside = mkdtempSync(join(tmpdir(), 'murmur8-outside-'));
});
afterEach(() => {
  for (const directory of [root, outside]) rmSync(directory, { recursive: true, force: true });
});

test('makes a directory with all above it, once', () => {
  for (const _time of [1, 2])
    expect(makeProjectDirectory(root, 'runs/1/export')).toEqual({ ok: true, value: 'runs/1/export' });
  expect(statSync(join(root, 'runs/1/export')).isDirectory()).toBe(true);
  expect(makeProjectDirectory(root, '.')).toEqual({ ok: true, value: '.' });
});

test('says where a link within the project leads', () => {
  mkdirSync(join(root, 'real'));
  symlinkSync('real', join(root, 'linked'));
  expect(makeProjectDirectory(root, 'linked/export')).toEqual({ ok: true, value: 'real/export' });
});

test('makes nothing outside of the project, whichever way leads there', () => {
  symlinkSync(outside, join(root, 'linked'));
  symlinkSync(join(outside, 'not-there'), join(root, 'dangling'));
  for (const path of ['../made', join(outside, 'made'), 'linked/made', 'linked'])
    expect(makeProjectDirectory(root, path)).toMatchObject({ ok: false, error: { code: 'outside-project' } });
  for (const path of ['dangling', 'dangling/made']) expect(makeProjectDirectory(root, path).ok).toBe(false);
  expect(readdirSync(outside)).toEqual([]);
});

test('names what stands in its way', () => {
  writeFileSync(join(root, 'file'), '');
  for (const path of ['file', 'file/export'])
    expect(makeProjectDirectory(root, path)).toMatchObject({ ok: false, error: { file: path } });
  expect(existsSync(join(root, 'file'))).toBe(true);
});
