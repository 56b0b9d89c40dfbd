import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editTask } from '../../../src/core/task/edit-task.ts';
import { META_KEY_ORDER } from '../../../src/core/task/meta.ts';
import { parseTask } from '../../../src/core/task/parse-task.ts';
import { writeTask } from '../../../src/core/task/write-task.ts';
import { anyAttempt, anyHandwriting, anyMeta, anyText, someText, written } from './task-texts.ts';

const anyFile = fc
  .tuple(anyMeta, anyHandwriting)
  .map(([meta, hand]) => ({ meta, text: written(meta, hand) }));

const rawOf = (text: string): Record<string, unknown> => ({ ...parseTask(text, 'task.md').raw });

function edited(text: string, changes: Parameters<typeof editTask>[1]): string {
  const result = editTask(text, changes);
  if (!result.ok) throw new Error(`${result.error.message}\n${text}`);
  return result.value;
}

/** The one piece in which two texts differ, as short as it can be. */
function difference(before: string, after: string): { readonly removed: string; readonly added: string } {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < Math.min(before.length, after.length) - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  return { removed: before.slice(start, before.length - end), added: after.slice(start, after.length - end) };
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
        const same = Object.entries(meta).map(([key, value]) => ({
          kind: 'set' as const,
          path: [key],
          value,
        }));
        expect(edited(text, same)).toBe(text);
      }),
    );
  });

  it('takes a new attempt as one insertion, and says the old attempts and the new one', () => {
    fc.assert(
      fc.property(anyFile, anyAttempt, ({ meta, text }, attempt) => {
        const after = edited(text, [{ kind: 'add-attempt', attempt }]);
        expect(difference(text, after).removed).toBe('');
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
        expect(difference(text, after).removed).toBe('');
        expect(rawOf(after)).toEqual({ ...meta, [key]: value });
        expect(edited(after, [{ kind: 'remove', path: [key] }])).toBe(text);
      }),
    );
  });

  it('takes another text in the place of one and changes nothing around it', () => {
    fc.assert(
      fc.property(anyFile, someText, ({ meta, text }, title) => {
        const after = edited(text, [{ kind: 'set', path: ['title'], value: title }]);
        expect(rawOf(after)).toEqual({ ...meta, title });
        expect(linesWithout(after, meta, 'title')).toEqual(linesWithout(text, meta, 'title'));
      }),
    );
  });

  it('takes other lists in the place of lists, and keeps the comments elsewhere', () => {
    fc.assert(
      fc.property(anyFile, fc.array(someText, { maxLength: 4 }), ({ meta, text }, labels) => {
        const after = edited(text, [{ kind: 'set', path: ['labels'], value: labels }]);
        expect(rawOf(after)).toEqual({ ...meta, labels });
        const comments = (of: string): string[] => of.match(/# (?:above|deeper|note|text|a map).*/g) ?? [];
        expect(comments(after)).toEqual(comments(text));
      }),
    );
  });

  it('takes changes at every depth: keys of attempts, of their executors, of unknown maps', () => {
    fc.assert(
      fc.property(anyFile, anyText, someText, ({ meta, text }, notes, model) => {
        const execution = meta['execution'] as { attempts: Record<string, unknown>[] } | undefined;
        fc.pre(execution !== undefined);
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

  it('takes every part of it out again', () => {
    fc.assert(
      fc.property(anyFile, fc.nat(), ({ meta, text }, at) => {
        const optional = Object.keys(meta).filter((key) => !['id', 'title', 'kind', 'state'].includes(key));
        const key = optional[at % Math.max(1, optional.length)];
        fc.pre(key !== undefined);
        const after = edited(text, [{ kind: 'remove', path: [key] }]);
        expect(difference(text, after).added).toBe('');
        const { [key]: _, ...rest } = meta;
        expect(rawOf(after)).toEqual(rest);
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

/** The text without the lines of one key: from it to the next key of the front matter. */
function linesWithout(text: string, meta: object, key: string): string[] {
  const keys = Object.keys(meta);
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${key}:`));
  const next = lines.findIndex(
    (line, index) =>
      index > first && (keys.some((one) => line.startsWith(`${one}:`)) || /^(---|#| {2}#|\r?$)/.test(line)),
  );
  return [...lines.slice(0, first), ...lines.slice(next)];
}
