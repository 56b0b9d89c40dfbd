import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivateDirectory } from '../../../src/edges/files/atomic-write.ts';
import { tryClaim } from '../../../src/edges/files/claim.ts';
import { appendEntry } from '../../../src/edges/recorder/append.ts';
import { clearHistory, repair } from '../../../src/edges/recorder/repair.ts';
import { anEntry, runId } from './history-entries.ts';

const NOW = Date.parse('2026-02-24T10:00:00.000Z');
let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'murmur8-repair-')), 'pipeline-history.json');
});
afterEach(() => rmSync(dirname(file), { recursive: true, force: true }));

const line = (number: number) => JSON.stringify(anEntry({ runId: runId(number) }));
const ids = () => JSON.parse(readFileSync(file, 'utf8')).map((entry: { runId: string }) => entry.runId);

describe('repair', () => {
  it.each([
    ['a torn end', () => `[\n${line(1)},\n${line(2)},\n${line(3).slice(0, 80)}`, [1, 2], 1],
    [
      'a torn entry in the middle',
      () => `[\n${line(1)},\n${line(3).slice(0, 150)}\n${line(2)}\n]\n`,
      [1, 2],
      1,
    ],
    ['a missing bracket', () => `[\n${line(1)},\n${line(2)}`, [1, 2], 0],
    ['missing commas', () => `[\n${line(1)}\n${line(2)}\n]\n`, [1, 2], 0],
    [
      'foreign text around entries',
      () => `<<<<<<< HEAD\n[\n${line(1)},\n=======\n${line(2)}\n]\n>>>>>>> b\n`,
      [1, 2],
      3,
    ],
    ['zeros in the middle', () => `[\n${line(1)},\n${'\0'.repeat(4096)}\n${line(2)}\n]\n`, [1, 2], 1],
    ['an object that is no entry', () => `[\n${line(1)},\n{"name":"x"},\n${line(2)}\n]\n`, [1, 2], 1],
    [
      'an indented entry without its end',
      () =>
        `${JSON.stringify([JSON.parse(line(1)), JSON.parse(line(3))], null, 2).slice(0, -60)}\n,${line(2)}]`,
      [1, 2],
      1,
    ],
    ['nothing of use', () => 'not json', [], 1],
  ])('saves every whole entry from a file with %s', (_name, content, kept, lost) => {
    writeFileSync(file, content());
    const result = repair(file, NOW);
    expect(result).toMatchObject({ ok: true, value: { kind: 'repaired', entries: kept.length } });
    if (!result.ok || result.value.kind !== 'repaired') return;
    expect(result.value.lost).toHaveLength(lost);
    expect(ids()).toEqual(kept.map(runId));
    expect(result.value.damagedFile).toBe(`${file}.damaged-2026-02-24T10-00-00-000Z`);
    expect(readFileSync(result.value.damagedFile, 'utf8')).toBe(content());
    expect(appendEntry(file, anEntry({ runId: runId(9) })).ok).toBe(true);
  });

  it('leaves a sound file as it is, in any layout', () => {
    const content = JSON.stringify([anEntry()], null, 2);
    writeFileSync(file, content);
    expect(repair(file, NOW)).toEqual({ ok: true, value: { kind: 'sound', entries: 1 } });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('keeps numbers and unknown keys of an entry as they were written', () => {
    const odd = '{"slug":"a","status":"success","big":12345678901234567890,"one":1.0}';
    writeFileSync(file, `[\n${odd}\n`);
    repair(file, NOW);
    expect(readFileSync(file, 'utf8')).toContain(odd);
  });

  it('says that there is no file, and makes none', () => {
    expect(repair(file, NOW)).toEqual({ ok: true, value: { kind: 'no-file' } });
    expect(existsSync(file)).toBe(false);
  });

  it('keeps both files when it is run twice in one instant', () => {
    for (const content of ['not json', 'nor this']) {
      writeFileSync(file, content);
      repair(file, NOW);
    }
    expect(readdirSync(dirname(file)).filter((name) => name.includes('.damaged-'))).toHaveLength(2);
  });
});

describe('clearHistory', () => {
  it('removes the file and answers whether there was one', () => {
    appendEntry(file, anEntry());
    expect(clearHistory(file)).toEqual({ ok: true, value: true });
    expect(existsSync(file)).toBe(false);
    expect(clearHistory(file)).toEqual({ ok: true, value: false });
  });

  it('waits for a writer that is at work, and goes on when that one is done', () => {
    appendEntry(file, anEntry());
    const directory = join(dirname(file), '.history-lock');
    makePrivateDirectory(directory);
    const attempt = tryClaim(directory, 'pipeline-history.json');
    expect(attempt.held).toBe(true);
    expect(tryClaim(directory, 'pipeline-history.json').held).toBe(false);
    if (attempt.held) attempt.claim.release();
    expect(clearHistory(file).ok).toBe(true);
  });
});
