import { describe, expect, test } from 'vitest';
import { failureIn, outcomeOfFailure, questionIn, reviewIn } from '../../../src/core/agent/answer.ts';

describe('a typed answer', () => {
  test('holds a question, a failure or a review, and none of them where it has another form', () => {
    expect(questionIn({ question: { text: ' which? ' } })).toBe('which?');
    for (const other of [undefined, null, 7, 'rejected', [], {}, { question: 'which?' }, { failure: {} }]) {
      expect(questionIn(other)).toBeUndefined();
      expect(failureIn(other)).toBeUndefined();
    }
    for (const other of [
      undefined,
      null,
      'approved',
      [],
      { verdict: 'ok' },
      { findings: 'none' },
      { findings: [1] },
    ])
      expect(reviewIn(other)).toBeUndefined();
  });

  test('may say what is wrong with or without a verdict', () => {
    expect(reviewIn({ verdict: 'rejected', findings: ['a'] })).toEqual({
      verdict: 'rejected',
      findings: ['a'],
    });
    expect(reviewIn({ verdict: 'approved' })).toEqual({ verdict: 'approved', findings: [] });
    expect(reviewIn({ findings: ['a'] })).toEqual({ findings: ['a'] });
    expect(reviewIn({})).toEqual({ findings: [] });
  });

  test('is bounded', () => {
    expect(failureIn({ failure: { text: 'x'.repeat(1 << 20) } })?.text).toHaveLength(4_000);
  });
});

describe('the code of a failure', () => {
  test.each([
    ['DEP_API_UNAVAILABLE', 'unavailable'],
    ['DEP_AUTH', 'auth'],
    ['DEP_QUOTA', 'quota'],
    ['DEP_TEXTURE_PACKER_FAIL', 'failed'],
  ] as const)('%s means that the attempt ended as %s', (code, outcome) => {
    const failure = failureIn({ failure: { text: 'no', code } });
    expect(failure).toEqual({ text: 'no', code });
    expect(outcomeOfFailure(failure ?? { text: '' })).toBe(outcome);
  });

  test('may say when to try again, as a time or from now on', () => {
    const failure = { text: 'no', code: 'DEP_QUOTA' };
    expect(failureIn({ failure: { ...failure, retry_at: '2026-01-05T09:00:00Z' } })).toEqual({
      ...failure,
      retryAt: Date.parse('2026-01-05T09:00:00.000Z'),
    });
    expect(failureIn({ failure: { ...failure, retry_after: '90s' } })).toEqual({
      ...failure,
      retryAfterMs: 90_000,
    });
  });

  test.each([
    [{ retry_at: 'tomorrow' }, 'no (its retry_at "tomorrow" is no ISO 8601 time)'],
    [{ retry_at: '2026-13-45T99:00Z' }, 'no (its retry_at "2026-13-45T99:00Z" is no ISO 8601 time)'],
    [{ retry_after: 90 }, 'no (its retry_after 90 is no duration such as 90s)'],
  ])('is told with a time that cannot be read: %j', (time, text) => {
    expect(failureIn({ failure: { text: 'no', code: 'DEP_QUOTA', ...time } })).toEqual({
      text,
      code: 'DEP_QUOTA',
    });
  });

  test('is told, not taken, where it is none of the list', () => {
    expect(failureIn({ failure: { text: 'no', code: 'USER_CANCELLED' } })).toEqual({
      text: 'no (its code "USER_CANCELLED" is none of DEP_API_UNAVAILABLE, DEP_AUTH, DEP_QUOTA and DEP_<TOOL>_FAIL)',
    });
    expect(outcomeOfFailure({ text: 'no' })).toBe('failed');
  });
});
