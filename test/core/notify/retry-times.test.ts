import { describe, expect, test } from 'vitest';
import { retryAfter, waitBeforeNext } from '../../../src/core/notify/retry-times.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

test('the waits are those of Standard Webhooks, and after ten attempts there is none', () => {
  const waits = Array.from({ length: 11 }, (_, made) => waitBeforeNext(made, 0));
  expect(waits).toEqual([
    0,
    5 * SECOND,
    300 * SECOND,
    1_800 * SECOND,
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
    undefined,
  ]);
});

test('jitter only makes a wait longer, by a fifth at most', () => {
  expect(waitBeforeNext(2, 1)).toBe(360 * SECOND);
  expect(waitBeforeNext(2, 0.5)).toBe(330 * SECOND);
});

test('what a receiver asks for is kept to where it is longer, up to a day', () => {
  expect(waitBeforeNext(1, 0, 60 * SECOND)).toBe(60 * SECOND);
  expect(waitBeforeNext(2, 0, 60 * SECOND)).toBe(300 * SECOND);
  expect(waitBeforeNext(1, 0, 1_000 * HOUR)).toBe(24 * HOUR);
});

describe('a Retry-After header', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  test.each([
    ['120', 120 * SECOND],
    [' 0 ', 0],
    ['Sat, 21 Nov 2026 10:01:00 GMT', 60 * SECOND],
    ['Sat, 21 Nov 2020 10:01:00 GMT', 0],
    ['-5', undefined],
    ['1e9', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});
