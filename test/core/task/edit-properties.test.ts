import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskChange } from '../../../src/core/task/change.ts';
import { editFrontMatter } from '../../../src/core/task/edit-front-matter.ts';
import { editTask } from '../../../src/core/task/edit-task.ts';
import { findFrontMatter } from '../../../src/core/task/front-matter.ts';
import { META_KEY_ORDER } from '../../../src/core/task/meta.ts';
import { parseTask } from '../../../src/core/task/parse-task.ts';
import { withoutValue, withValue } from '../../../src/core/task/value-at.ts';
import { writeTask } from '../../../src/core/task/write-task.ts';
import {
  anyAttempt,
  anyHandwriting,
  anyMeta,
  anyText,
  anyValue,
  type Path,
  pathsOf,
  someText,
  type Written,
  written,
} from './task-texts.ts';

// The same files at every run, so that a change is told by what it breaks; the long run looks at others.
if (!process.env['MURMUR8_TEST_FULL']) fc.configureGlobal({ seed: 20_251_102 });

const anyFile = fc
  .tuple(anyMeta, anyHandwriting)
  .map(([meta, hand]) => ({ meta, file: written(meta, hand), text: written(meta, hand).text }));

/** With a path to one of its values, at any depth. */
const anyPlace = fc.tuple(anyFile, fc.nat()).map(([{ meta, file, text }, nth]) => {
  const paths = pathsOf(meta);
  return { meta, file, text, path: paths[nth % paths.length] ?? [] };
});

const rawOf = (text: string): Record<string, unknown> => ({ ...parseTask(text, 'task.md').raw });

function edited(text: string, changes: readonly TaskChange[]): string {
  const result = editTask(text, changes);
  if (!result.ok) throw new Error(`${result.error.message}\n${text}`);
  return result.value;
}

/** A change of any value to any other: no rule about tasks stands in its way. */
function editedFreely(text: string, change: TaskChange): string {
  const parts = findFrontMatter(text);
  if (parts.kind !== 'found') throw new Error('no front matter');
  const block = editFrontMatter(text.slice(parts.start, parts.end), change, parts.lineEnding);
  if (!('text' in block)) throw new Error(`${block.message}\n${text}`);
  return text.slice(0, parts.start) + block.text + text.slice(parts.end);
}

/** Everything before and after the lines of a value, or of what holds it where it has no lines of its own. */
function around({ text, places }: Written, path: Path): { readonly before: string; readonly after: string } {
  for (let length = path.length; length > 0; length -= 1) {
    const place = places.get(JSON.stringify(path.slice(0, length)));
    if (place === undefined) continue;
    const after = text.slice(place.end);
    return { before: text.slice(0, place.start), after: place.isBehindHyphen ? after.trimStart() : after };
  }
  return { before: '', after: '' };
}

function expectSameAround(changed: string, file: Written, path: Path): void {
  const { before, after: below } = around(file, path);
  // A comment deeper than the value's key may come to stand within what the value becomes.
  const after = below.replace(/^(?:\r?\n)* {2}# deeper\r?\n/, '');
  expect(changed.slice(0, before.length)).toBe(before);
  expect(changed.slice(changed.length - after.length)).toBe(after);
}

/** Whether a block of lines above would take the comments below a value for its own: then they go with it. */
function isSwallowing(before: string, after: string): boolean {
  return (
    /^\s* +#/.test(after) &&
    before
      .split('\n')
      .slice(-6)
      .some((line) => /: \|-?(?: # text)?\r?$/.test(line))
  );
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], value);

const commentsIn = (text: string): string[] =>
  text.match(/# (?:above|deeper|note|text|a map|a list).*/g) ?? [];

/** What one text has more than another that begins and ends like it; undefined if it is not so. */
function insertedInto(before: string, after: string): string | undefined {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  const rest = before.length - start;
  if (rest > 0 && before.slice(start) !== after.slice(after.length - rest)) return undefined;
  return after.slice(start, after.length - rest);
}

describe('a task file in any handwriting', () => {
  it('says what was written, whoever wrote it', () => {
    fc.assert(
      fc.property(anyFile, ({ meta, text }) => {
        expect(rawOf(text)).toEqual(meta);
      }),
    );
  });

  it('keeps every byte when nothing is to be changed', () => {
    fc.assert(
      fc.property(anyFile, ({ meta, text }) => {
        const same = Object.entries(meta).map(
          ([key, value]): TaskChange => ({ kind: 'set', path: [key], value }),
        );
        expect(edited(text, same)).toBe(text);
      }),
    );
  });

  it('takes any value in the place of any other, and no byte around it changes', () => {
    fc.assert(
      fc.property(anyPlace, anyValue, ({ meta, file, text, path }, value) => {
        const after = editedFreely(text, { kind: 'set', path, value });
        expect(rawOf(after)).toEqual(rawOf(`---\n${JSON.stringify(withValue(meta, path, value))}\n---\n`));
        expectSameAround(after, file, path);
      }),
      { numRuns: 100 },
    );
  });

  it('is not changed by the same change again, and says what it said when the old value is put back', () => {
    fc.assert(
      fc.property(anyPlace, anyValue, ({ meta, file, text, path }, value) => {
        const after = editedFreely(text, { kind: 'set', path, value });
        expect(editedFreely(after, { kind: 'set', path, value })).toBe(after);
        const back = editedFreely(after, { kind: 'set', path, value: valueAt(meta, path) });
        expect(rawOf(back)).toEqual(meta);
        expectSameAround(back, file, path);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps every comment when one text becomes another', () => {
    fc.assert(
      fc.property(anyPlace, someText, ({ meta, text, path }, value) => {
        fc.pre(typeof valueAt(meta, path) === 'string' && !/# (above|deeper|note|text|a )/.test(value));
        expect(commentsIn(editedFreely(text, { kind: 'set', path, value }))).toEqual(commentsIn(text));
      }),
    );
  });

  it('takes any value out, and no byte around it changes', () => {
    fc.assert(
      fc.property(anyPlace, ({ meta, file, text, path }) => {
        const after = editedFreely(text, { kind: 'remove', path });
        expect(rawOf(after)).toEqual(withoutValue(meta, path));
        const holder = path.slice(0, -1);
        const isAlone = holder.length > 0 && Object.keys(Object(valueAt(meta, holder))).length === 1;
        expectSameAround(after, file, isAlone ? holder : path);
      }),
      { numRuns: 100 },
    );
  });

  it('loses exactly the lines of a key that is taken out at its top', () => {
    fc.assert(
      fc.property(anyFile, fc.nat(), ({ meta, file, text }, nth) => {
        const key = Object.keys(meta)[nth % Object.keys(meta).length] ?? '';
        const { before, after } = around(file, [key]);
        fc.pre(!isSwallowing(before, after));
        expect(editedFreely(text, { kind: 'remove', path: [key] })).toBe(before + after);
      }),
    );
  });

  it('takes a new attempt as one insertion, and says the old attempts and the new one', () => {
    fc.assert(
      fc.property(anyFile, anyAttempt, ({ meta, text }, attempt) => {
        const after = edited(text, [{ kind: 'add-attempt', attempt }]);
        expect(insertedInto(text, after)).toBeDefined();
        const old = (meta['execution'] as { attempts: unknown[] } | undefined)?.attempts ?? [];
        expect(rawOf(after)).toEqual({ ...meta, execution: { attempts: [...old, attempt] } });
      }),
    );
  });

  it('takes a new key as one insertion, and is as before when the key is taken out again', () => {
    fc.assert(
      fc.property(anyFile, fc.constantFrom(...META_KEY_ORDER.slice(4), 'other'), ({ meta, text }, key) => {
        fc.pre(meta[key] === undefined);
        const value = VALID[key] ?? 'anything';
        const after = edited(text, [{ kind: 'set', path: [key], value }]);
        expect(insertedInto(text, after)).toBeDefined();
        expect(rawOf(after)).toEqual({ ...meta, [key]: value });
        expect(edited(after, [{ kind: 'remove', path: [key] }])).toBe(text);
      }),
    );
  });

  it('takes other lists in the place of lists, and keeps the comments elsewhere', () => {
    fc.assert(
      fc.property(anyFile, fc.array(someText, { maxLength: 4 }), ({ meta, text }, labels) => {
        const after = edited(text, [{ kind: 'set', path: ['labels'], value: labels }]);
        expect(rawOf(after)).toEqual({ ...meta, labels });
        const elsewhere = (of: string): string[] =>
          commentsIn(of).filter((comment) => comment !== '# a list');
        expect(elsewhere(after)).toEqual(elsewhere(text));
      }),
    );
  });

  it('takes several changes at once: keys of attempts, of their executors, of unknown maps', () => {
    fc.assert(
      fc.property(anyFile, anyText, someText, ({ meta, text }, notes, model) => {
        fc.pre(meta['execution'] !== undefined);
        const at = ['execution', 'attempts', 0];
        const after = edited(text, [
          { kind: 'set', path: [...at, 'notes'], value: notes },
          { kind: 'set', path: [...at, 'executor', 'model'], value: model },
          { kind: 'remove', path: [...at, 'error_reason'] },
          { kind: 'set', path: ['extra', 'deep', 'more'], value: [{ a: 1 }] },
        ]);
        const expected = structuredClone(meta) as unknown as {
          execution: { attempts: Record<string, Record<string, unknown>>[] };
          extra?: { deep?: object };
        };
        const [first] = expected.execution.attempts;
        Object.assign(first ?? {}, { notes });
        Object.assign(first?.['executor'] ?? {}, { model });
        delete first?.['error_reason'];
        expected.extra = { ...expected.extra, deep: { ...expected.extra?.deep, more: [{ a: 1 }] } };
        expect(rawOf(after)).toEqual(expected);
      }),
    );
  });

  it('says what was written when it was written by us', () => {
    fc.assert(
      fc.property(anyMeta, fc.constantFrom('\n', '\r\n'), anyText, (meta, lineEnding, body) => {
        const task = parseTask(writeTask(meta as never, body, lineEnding), 'task.md');
        expect(task.raw).toEqual(meta);
        expect(task.body).toBe(body);
        expect(Object.keys(task.raw).filter((key) => META_KEY_ORDER.includes(key))).toEqual(
          META_KEY_ORDER.filter((key) => key in meta),
        );
      }),
    );
  });
});

const VALID: Readonly<Record<string, unknown>> = {
  state: 'ready',
  children: ['a-b', 'c'],
  priority: 'high',
  size: 'small',
  ambiguity: 'high',
  executor: 'expert',
  isolation: 'global',
  touches: ['src/**', 'a: b'],
  depends_on: ['x'],
  blocks: ['y'],
  assignees: ['me'],
  labels: ['one', '- two'],
  created_at: '2025-11-02T15:03:00.000Z',
  updated_at: '2025-11-02T15:03:00.000Z',
  completed_at: '2025-11-02T15:03:00.000Z',
  last_activity_at: '2025-11-02T15:03:00.000Z',
  links: [{ type: 'linear', key: 'M8-1' }],
  execution: {
    attempts: [
      {
        started_at: '2025-11-02T15:03:00.000Z',
        ended_at: '2025-11-02T15:05:00.000Z',
        duration_seconds: 120,
        status: 'completed',
        executor: { tool: 'claude-code' },
      },
    ],
  },
};
