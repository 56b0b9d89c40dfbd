import { describe, expect, test } from 'vitest';
import { nextTurn, type ServiceFailure } from '../../../src/core/decide/runner-turn.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Failures of one runner that follow each other, the last one at zero. */
function row(runner: string, outcome: string, count = 1, retryAt?: number): ServiceFailure[] {
  return Array.from({ length: count }, (_, index) => ({
    runner,
    outcome,
    at: (index + 1 - count) * MINUTE,
    ...(retryAt === undefined ? {} : { retryAt }),
  }));
}

const never = () => undefined;

describe('the turn of a runner', () => {
  test.each([
    ['quota', 1, 30 * SECOND],
    ['quota', 2, 60 * SECOND],
    ['quota', 5, 8 * MINUTE],
    ['quota', 6, 10 * MINUTE],
    ['quota', 60, 10 * MINUTE],
    ['overloaded', 1, 10 * SECOND],
    ['overloaded', 3, 40 * SECOND],
    ['overloaded', 6, 5 * MINUTE],
  ])(
    'that failed by %s %i times in a row comes after %i ms where no time was told',
    (outcome, count, due) => {
      expect(nextTurn(['a'], row('a', outcome, count), never)).toMatchObject({ runner: 'a', due });
    },
  );

  test('comes when its service said so, however soon or late', () => {
    expect(nextTurn(['a'], row('a', 'quota', 1, 1), never)?.due).toBe(1);
    expect(nextTurn(['a'], row('a', 'overloaded', 1, 1e9), never)?.due).toBe(1e9);
  });

  test('comes less and less soon where its service does not keep the time that it names', () => {
    expect(nextTurn(['a'], row('a', 'quota', 1, -MINUTE), never)?.due).toBe(0);
    expect(nextTurn(['a'], row('a', 'quota', 2, SECOND), never)?.due).toBe(30 * SECOND);
    expect(nextTurn(['a'], row('a', 'quota', 3, SECOND), never)?.due).toBe(MINUTE);
  });

  test('does not come by itself where somebody has to pay, or retries are used up', () => {
    expect(nextTurn(['a'], row('a', 'billing'), never)).toBeUndefined();
    expect(nextTurn(['a'], row('a', 'unavailable'), never)).toBeUndefined();
    expect(nextTurn(['a'], row('a', 'unavailable'), () => 2_000)).toMatchObject({ due: 2_000 });
  });

  test('is now for one that has not failed', () => {
    const turn = nextTurn(['a', 'b'], row('a', 'quota', 1, SECOND), never);
    expect(turn).toEqual({ runner: 'b', due: Number.NEGATIVE_INFINITY });
  });

  test('goes to the one that is due first, of several to the one that is named first', () => {
    const failures = [
      ...row('a', 'quota', 1, 9 * SECOND),
      ...row('b', 'quota', 1, 5 * SECOND),
      ...row('c', 'quota', 1, 5 * SECOND),
    ];
    expect(nextTurn(['a', 'b', 'c'], failures, never)).toMatchObject({ runner: 'b', due: 5 * SECOND });
    expect(nextTurn(['a', 'c', 'b'], failures, never)).toMatchObject({ runner: 'c' });
    expect(nextTurn(['a'], failures, never)).toMatchObject({ runner: 'a' });
  });
});
