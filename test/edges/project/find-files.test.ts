import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFiles, isProjectDirectory } from '../../../src/edges/project/find-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'murmur8-find-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

function found(globs: string[], directory = '.', limit = 100): readonly string[] {
  const files = findFiles(root, globs, directory, limit);
  if (!files.ok) throw new Error(files.error.message);
  return files.value;
}

test('finds what any of the globs takes, sorted, without what a later one excludes', () => {
  write('src/b.ts', 'src/a.ts', 'src/deep/c.ts', 'docs/x.md', '.hidden/d.ts');
  expect(found(['src/*.ts'])).toEqual(['src/a.ts', 'src/b.ts']);
  expect(found(['**/*.ts', '!src/deep/**'])).toEqual(['.hidden/d.ts', 'src/a.ts', 'src/b.ts']);
  expect(found(['docs/x.md'])).toEqual(['docs/x.md']);
  expect(found(['**'], '.', 2)).toHaveLength(2);
});

test('is relative to the directory it looks in, and finds nothing in one that is not there', () => {
  write('packages/one/dist/out.js');
  expect(found(['dist/*'], 'packages/one')).toEqual(['dist/out.js']);
  expect(found(['dist/*'], 'packages/two')).toEqual([]);
  expect(found(['nowhere/**'])).toEqual([]);
});

test('does not follow links to directories, so that loops and what lies outside are never met', () => {
  const outside = mkdtempSync(join(tmpdir(), 'murmur8-outside-'));
  writeFileSync(join(outside, 'secret.txt'), '');
  write('src/a.txt');
  symlinkSync(outside, join(root, 'linked'));
  symlinkSync(root, join(root, 'src/loop'));
  symlinkSync(join(root, 'src/a.txt'), join(root, 'src/also.txt'));
  expect(found(['**/*.txt'])).toEqual(['src/a.txt', 'src/also.txt']);
  expect(found(['linked/*'])).toEqual([]);
  rmSync(outside, { recursive: true });
});

test('refuses to look outside of the project', () => {
  expect(findFiles(root, ['*'], '..', 10)).toMatchObject({ ok: false, error: { code: 'outside-project' } });
  expect(found(['../*'])).toEqual([]);
  expect(isProjectDirectory(root, '..')).toBe(false);
});

test('tells directories of the project from everything else', () => {
  write('src/a.ts');
  expect(['.', 'src', 'src/a.ts', 'nowhere'].map((path) => isProjectDirectory(root, path))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
