import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_OUTPUT_BYTES,
  MAX_OUTPUT_FILE_BYTES,
  parseOutputs,
} from '../../../src/core/output/parse-outputs.ts';

describe('outputs of a stage', () => {
  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['version=1.2\n', { version: '1.2' }],
    ['version=1.2', { version: '1.2' }],
    ['a=1\r\nb=2\r\n', { a: '1', b: '2' }],
    ['a=1\n\n  \nb=2\n', { a: '1', b: '2' }],
    ['a=x=y<<z\n', { a: 'x=y<<z' }],
    ['a=\n', { a: '' }],
    ['a= spaces \n', { a: ' spaces ' }],
    ['a=1\na=2\n', { a: '2' }],
    ['notes<<END\none\n\n two = 2\nEND\nb=1', { notes: 'one\n\n two = 2', b: '1' }],
    ['notes<<END\r\none\r\ntwo\r\nEND\r\n', { notes: 'one\ntwo' }],
    ['notes<<END\nEND\n', { notes: '' }],
    ['notes<<END\nENDING\n END\nEND\n', { notes: 'ENDING\n END' }],
    ['\uFEFFa=1\n', { a: '1' }],
    ['constructor=1', { constructor: '1' }],
  ])('%j', (text, outputs) => {
    expect(parseOutputs(text)).toEqual({ ok: true, value: outputs });
  });

  test('an output called __proto__ is only that', () => {
    const parsed = parseOutputs('__proto__=x\n');
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(Object.keys(parsed.value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
  });

  test('any text comes back from the form for many lines', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !/[\r]|^END$/m.test(text));
    fc.assert(
      fc.property(texts, (value) => {
        expect(parseOutputs(`key<<END\n${value}\nEND\n`)).toEqual({ ok: true, value: { key: value } });
      }),
    );
  });
});

describe('bad outputs are named with their line', () => {
  test.each([
    ['a=1\nnonsense\n', 2, /"nonsense" is no output/],
    ['a b=1', 1, /cannot be the name/],
    ['=1', 1, /cannot be the name/],
    ['1a=1', 1, /cannot be the name/],
    ['a =1', 1, /cannot be the name/],
    ['a<b=1', 1, /no output/],
    ['a<<\nx\n', 1, /no word/],
    ['b=1\na<<END\nx\n', 2, /never ends/],
    ['bad\u001b[31m', 1, /bad\\u001b/],
  ])('%j', (text, line, message) => {
    const parsed = parseOutputs(text);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'bad-output', line } });
    if (parsed.ok) return;
    expect(parsed.error.message).toMatch(message);
    expect(parsed.error.message).toContain(`line ${line} `);
    expect(parsed.error.hint).toBeTruthy();
  });

  test('sizes are bytes, and the largest is still taken', () => {
    expect(parseOutputs(`a=${'x'.repeat(MAX_OUTPUT_BYTES)}`).ok).toBe(true);
    expect(parseOutputs(`a=${'x'.repeat(MAX_OUTPUT_BYTES + 1)}`)).toMatchObject({ error: { line: 1 } });
    expect(parseOutputs(`a=${'é'.repeat(MAX_OUTPUT_BYTES / 2 + 1)}`).ok).toBe(false);
    expect(parseOutputs('a=1\n'.repeat(MAX_OUTPUT_FILE_BYTES / 4)).ok).toBe(true);
    expect(parseOutputs('a=1\n'.repeat(MAX_OUTPUT_FILE_BYTES / 4 + 1)).ok).toBe(false);
  });

  test('many unfinished blocks are told at the first', () => {
    expect(parseOutputs('a<<END\n'.repeat(100_000))).toMatchObject({ error: { line: 1 } });
  });
});
