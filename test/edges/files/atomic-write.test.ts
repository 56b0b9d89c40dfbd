import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../src/edges/files/atomic-write.ts';
import { readTextBounded } from '../../../src/edges/files/bounded-read.ts';
import { replaceFile } from '../../../src/edges/files/replace-file.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-atomic-'));
  file = join(directory, 'state.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const writer = bundleProgram(`
  import { writeFileAtomic } from './src/edges/files/atomic-write.ts';
  try {
    writeFileAtomic(process.argv[2], 'new content', { durable: true });
  } catch (error) {
    process.exitCode = 1;
  }
`);

describe('writeFileAtomic', () => {
  it('leaves the old or the new content, whole, wherever it is killed', () => {
    const points = runUntilItSurvives(
      { argv: [writer, file], under: directory, prepare: () => writeFileSync(file, 'old') },
      () => expect(['old', 'new content']).toContain(readFileSync(file, 'utf8')),
    );
    expect(points).toBeGreaterThan(4);
    expect(readFileSync(file, 'utf8')).toBe('new content');
  });

  it('leaves the old content and no temporary file on a full disk', () => {
    writeFileSync(file, 'old');
    const result = runWithFaults(
      { argv: [writer, file], under: directory },
      { code: 'ENOSPC', at: 2, times: 1 },
    );
    expect(result.status).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('lets only the owner read it, unless told otherwise', () => {
    writeFileAtomic(file, 'x');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileAtomic(file, Buffer.from('y'), { mode: 0o644 });
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });
});

describe('replaceFile', () => {
  const pieces = (...texts: string[]) => texts.map((value) => ({ ok: true, value }) as const);

  it('writes all pieces', () => {
    const long = 'x'.repeat(300_000);
    expect(replaceFile(file, pieces('a', long, 'b'))).toEqual({ ok: true, value: undefined });
    expect(readFileSync(file, 'utf8')).toBe(`a${long}b`);
  });

  it('keeps the old file and no other when a piece is a problem', () => {
    writeFileSync(file, 'old');
    const problem = { code: 'x', message: 'y' };
    expect(replaceFile(file, [...pieces('a'), { ok: false, error: problem }])).toEqual({
      ok: false,
      error: problem,
    });
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('answers with a problem where it cannot write', () => {
    mkdirSync(file);
    expect(replaceFile(file, pieces('a'))).toMatchObject({ ok: false, error: { file } });
    expect(readdirSync(directory)).toEqual(['state.json']);
  });
});

describe('readTextBounded', () => {
  it('tells a missing file from one that is too large or no file', () => {
    expect(readTextBounded(file, 10)).toEqual({ ok: true, value: undefined });
    writeFileSync(file, '0123456789');
    expect(readTextBounded(file, 10)).toEqual({ ok: true, value: '0123456789' });
    expect(readTextBounded(file, 9)).toMatchObject({ ok: false, error: { code: 'file-too-large', file } });
    expect(readTextBounded(directory, 9)).toMatchObject({ ok: false });
  });
});
