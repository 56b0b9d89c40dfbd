import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOfJsonError } from '../../../src/edges/files/json-place.ts';

test.each([
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": x\n}', 2, 8],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{"a": 1', 1, 8],
  ['', 1, 1],
  ['[1, 2] 3', 1, 8],
  ['{"a": 01}', 1, 7],
  ['{a: 1}', 1, 2],
  ['{"a": "x\ny"}', 1, 7],
  ['['.repeat(100_000), 1, 502],
])('%j stops being JSON at line %i, column %i', (text, line, column) => {
  expect(placeOfJsonError(text)).toEqual({ line, column });
});

test('it agrees with the parser on every text', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(60), fc.constantFrom('', ',', '}', '"', ' ', '1', '\\', '\n', 'e'))
    .map(([text, at, piece]) => `${text.slice(0, at)}${piece}${text.slice(at + 1)}`);
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged), (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(placeOfJsonError(text) === undefined).toBe(valid);
    }),
    { numRuns: 1000 },
  );
});
