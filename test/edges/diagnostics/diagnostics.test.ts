import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeDiagnostic } from '../../../src/edges/diagnostics/diagnostic-file.ts';
import { lastOutput } from '../../../src/edges/diagnostics/last-output.ts';
import { environmentNames } from '../../../src/edges/diagnostics/machine.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-diagnostics-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a diagnostic', () => {
  test('is for its owner alone and replaces an earlier one of the same segment', () => {
    writeDiagnostic(directory, 'one', 'old');
    const path = join(directory, 'diagnostics', 'one.txt');
    expect(writeDiagnostic(directory, 'one', 'new')).toEqual({ ok: true, value: path });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'diagnostics'))).toEqual(['one.txt']);
  });

  test('that cannot be written is a problem with its place', () => {
    writeFileSync(join(directory, 'diagnostics'), '');
    expect(writeDiagnostic(directory, 'one', 'text')).toMatchObject({
      ok: false,
      error: { code: 'SYS_WRITE_ERROR', file: join(directory, 'diagnostics', 'one.txt') },
    });
  });
});

describe('the last output', () => {
  function output(text: string) {
    const path = join(directory, 'a.log');
    writeFileSync(path, text);
    return lastOutput(path);
  }

  test('is all of a short log', () => {
    expect(output('a\n\nb\n')).toEqual({
      path: join(directory, 'a.log'),
      lines: ['a', '', 'b'],
      isCut: false,
    });
    expect(output('')?.lines).toEqual([]);
  });

  test('is the last two hundred lines of a long one', () => {
    const read = output(Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join(''));
    expect([read?.lines.length, read?.lines[0], read?.lines.at(-1), read?.isCut]).toEqual([
      200,
      'line 300',
      'line 499',
      true,
    ]);
  });

  test('is at most 64 KB, without the line that was cut', () => {
    const read = output(`${'x'.repeat(70_000)}\n${'y'.repeat(40_000)}\n${'z'.repeat(20_000)}\n`);
    expect(read?.lines.map((line) => [line[0], line.length])).toEqual([
      ['y', 40_000],
      ['z', 20_000],
    ]);
  });

  test('is not there where there is no log, or a directory in its place', () => {
    expect(lastOutput(join(directory, 'none.log'))).toBeUndefined();
    expect(lastOutput(directory)).toBeUndefined();
  });
});

test('names of variables come in order, and never with what they hold', () => {
  process.env['ZZ_PLANTED'] = 'planted-value';
  try {
    const names = environmentNames();
    expect(names).toContain('ZZ_PLANTED');
    expect(names.join('\n')).not.toContain('planted-value');
    expect(names).toEqual([...names].sort());
  } finally {
    delete process.env['ZZ_PLANTED'];
  }
});
