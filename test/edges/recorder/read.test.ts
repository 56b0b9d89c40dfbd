import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elementsOf } from '../../../src/edges/recorder/elements.ts';
import { elementsFromEnd } from '../../../src/edges/recorder/elements-from-end.ts';
import { eachEntry, findEntry, lastEntries } from '../../../src/edges/recorder/read.ts';
import type { Source } from '../../../src/edges/recorder/source.ts';
import { anEntry, runId } from './history-entries.ts';

function sourceOf(text: string): Source {
  const bytes = Buffer.from(text);
  return {
    size: bytes.length,
    readInto: (target, targetStart, position, length) =>
      bytes.copy(target, targetStart, position, Math.min(bytes.length, position + length)),
  };
}

function valuesOf(steps: Iterable<{ kind: string; value?: unknown }>): unknown[] {
  return [...steps].map((step) => (step.kind === 'element' ? step.value : step));
}

const layouts: readonly ((values: readonly unknown[]) => string)[] = [
  (values) => JSON.stringify(values),
  (values) => JSON.stringify(values, null, 2),
  (values) => JSON.stringify(values, null, '\t').replaceAll('\n', '\r\n'),
  (values) => `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`,
  (values) =>
    `\uFEFF\n [ ${values.map((value) => JSON.stringify(value, null, 1)).join('\n,\r\n\r\n')} ]\n \n`,
];
const nasty = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', '\n', ' ', 'a', 'é', '日', '😀') }),
  fc.string({ unit: 'binary' }),
);
const object = fc.dictionary(
  nasty,
  fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
);

describe('the scanners', () => {
  it('read what JSON.parse reads, from either end, in any layout and with any size of block', () => {
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 12 }),
        fc.constantFrom(...layouts),
        fc.integer({ min: 4, max: 300 }),
        (objects, layout, blockBytes) => {
          const text = layout(objects);
          const parsed: unknown[] = JSON.parse(text.replace(/^\uFEFF/, ''));
          expect(valuesOf(elementsOf(sourceOf(text), blockBytes))).toEqual(parsed);
          expect(valuesOf(elementsFromEnd(sourceOf(text), blockBytes))).toEqual(parsed.toReversed());
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never take a cut or changed file for a whole array of other entries', () => {
    fc.assert(
      fc.property(
        fc.array(object, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...layouts),
        fc.nat(),
        fc.integer({ min: 4, max: 300 }),
        (objects, layout, place, blockBytes) => {
          const text = layout(objects).trim();
          const cut = text.slice(0, place % text.length);
          const whole = JSON.parse(text.replace(/^\uFEFF/, ''));
          const steps = [...elementsOf(sourceOf(cut), blockBytes)];
          const read = steps.filter((step) => step.kind === 'element').map((step) => step.value);
          expect(whole.slice(0, read.length)).toEqual(read);
          if (cut.replace(/^\uFEFF/, '').trim() !== '') expect(steps.at(-1)?.kind).toBe('damage');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('reading a history file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'murmur8-read-'));
    file = join(directory, 'pipeline-history.json');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('finds no entries where there is no file, nor in an empty one', () => {
    expect(lastEntries(file, 10)).toEqual({ ok: true, value: [] });
    writeFileSync(file, '');
    expect(lastEntries(file, 10)).toEqual({ ok: true, value: [] });
    expect([...eachEntry(file)]).toEqual([]);
  });

  it('answers with the newest entries, newest first, without a look at damage before them', () => {
    const good = [1, 2, 3].map((number) => JSON.stringify(anEntry({ runId: runId(number) })));
    writeFileSync(file, `[\n{"slug":"torn","sta\n${good.join(',\n')}\n]\n`);
    const result = lastEntries(file, 2);
    expect(result.ok && result.value.map((entry) => entry['runId'])).toEqual([runId(3), runId(2)]);
  });

  it('names damage in the middle by line, column and byte', () => {
    const line = JSON.stringify(anEntry());
    writeFileSync(file, `[\n${line},\n{"slug":"torn","sta\n,${line}\n]\n`);
    const items = [...eachEntry(file)];
    expect(items.map((item) => item.ok)).toEqual([true, false]);
    const at = readFileSync(file).indexOf('"sta\n') + 4;
    expect(items[1]).toMatchObject({
      error: {
        code: 'SYS_STATE_CORRUPT',
        file,
        line: 3,
        column: 20,
        message: expect.stringContaining(`byte ${at}`),
      },
    });
  });

  it('names an object that is no entry as damage', () => {
    writeFileSync(file, `[\n${JSON.stringify(anEntry())},\n{"name":"x"}\n]\n`);
    const last = [...eachEntry(file)].at(-1);
    expect(last).toMatchObject({ ok: false, error: { line: 3, column: 1 } });
  });

  it('refuses a directory and an endless device in the place of the file', () => {
    mkdirSync(file);
    expect(lastEntries(file, 1)).toMatchObject({ ok: false, error: { code: 'not-a-file' } });
    expect(lastEntries('/dev/zero', 1)).toMatchObject({ ok: false });
  });

  it('finds an entry by its id, by a prefix that only it has, and entries of 4.x by slug', () => {
    const ids = ['aaaa1111', 'aaaa2222', 'bbbb3333'];
    const entries: object[] = ids.map((id) => anEntry({ runId: id, slug: `slug-${id}` }));
    writeFileSync(file, JSON.stringify([{ slug: 'old', status: 'success' }, ...entries]));
    const slugOf = (wanted: string) => {
      const found = findEntry(file, wanted);
      return found.ok ? found.value.slug : found.error;
    };
    expect(slugOf('bbbb3333')).toBe('slug-bbbb3333');
    expect(slugOf('b')).toBe('slug-bbbb3333');
    expect(slugOf('aaaa2')).toBe('slug-aaaa2222');
    expect(slugOf('old')).toBe('old');
    expect(slugOf('aaaa')).toMatchObject({ code: 'ambiguous-id', hint: expect.stringContaining('aaaa1111') });
    expect(slugOf('bbbb33x3')).toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('bbbb3333'),
    });
  });
});
