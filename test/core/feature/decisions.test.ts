import { describe, expect, it } from 'vitest';
import { feedbackConfigSchema } from '../../../src/core/config/feedback-config.ts';
import { retryConfigSchema } from '../../../src/core/config/retry-config.ts';
import { feedbackSchema, judgeFeedback } from '../../../src/core/feature/feedback.ts';
import { chooseStrategy, type RetryInput } from '../../../src/core/feature/retry.ts';
import { routeStories } from '../../../src/core/feature/routing.ts';

describe('the route of a feature', () => {
  it.each([
    ['---\nkind: technical\n---\n## Handover to BA\n\nx', 'technical', 'says kind: technical'],
    ['---\nkind: user-facing\n---\n', 'user-facing', 'says kind'],
    [
      '## Feature Intent\n\nRefactor the build.\n\n## Handover to BA (Cass)\n\nStories.',
      'user-facing',
      'hands over',
    ],
    ['## Acceptance Criteria\n\nAC-1', 'technical', 'carries its acceptance criteria'],
    [
      '## Feature Intent\n\nRefactor the database module and upgrade a dependency.',
      'technical',
      'refactor, database, module',
    ],
    [
      '## Feature Intent\n\nUsers see a button on the page; the build is cached.',
      'user-facing',
      'users, see',
    ],
    ['## Behaviour\n\nIt works.', 'user-facing', 'nothing in it'],
    ['', 'user-facing', 'nothing in it'],
  ])('of %j is %s', (text, kind, reason) => {
    expect(routeStories(text)).toEqual({
      kind,
      withStories: kind === 'user-facing',
      reason: expect.stringContaining(reason),
    });
  });
});

describe('feedback', () => {
  const config = feedbackConfigSchema.parse({});
  const given = (rating: number, recommendation: string, issues: string[] = ['x']) =>
    feedbackSchema.parse({ rating, recommendation, issues });

  it.each([
    [5, 'proceed', 'proceed'],
    [3, 'proceed', 'proceed'],
    [2, 'proceed', 'gate'],
    [5, 'pause', 'gate'],
    [1, 'revise', 'revise'],
  ])('of %i with %s leads to %s', (rating, recommendation, verdict) => {
    expect(judgeFeedback(given(rating, recommendation), config)).toBe(verdict);
  });

  it('sends work back once, and only with something to mend', () => {
    expect(judgeFeedback(given(4, 'revise'), config, 1)).toBe('gate');
    expect(judgeFeedback(given(4, 'revise', []), config)).toBe('gate');
  });

  it('decides nothing when it is switched off', () => {
    expect(judgeFeedback(given(1, 'pause'), { ...config, enabled: false })).toBe('proceed');
  });

  it.each([
    { rating: 0 },
    { rating: 6 },
    { rating: 2.5 },
    { rating: '5' },
    { recommendation: 'maybe' },
    { issues: 'none' },
  ])('must have its form: %j', (change) => {
    expect(
      feedbackSchema.safeParse({ rating: 3, issues: [], recommendation: 'proceed', ...change }).success,
    ).toBe(false);
  });
});

describe('the strategy of another attempt', () => {
  const config = retryConfigSchema.parse({});
  const choose = (change: Partial<RetryInput>): string =>
    chooseStrategy({
      stage: 'codey-implement',
      attempt: 2,
      code: 'TESTS_FAILED',
      issues: [],
      config,
      ...change,
    }).strategy;

  it('goes through the configured order and stays with its last', () => {
    expect([2, 3, 4, 9].map((attempt) => choose({ attempt }))).toEqual([
      'add-context',
      'incremental',
      'rollback-to-checkpoint',
      'rollback-to-checkpoint',
    ]);
  });

  it('passes over the first where a stage fails often', () => {
    expect(choose({ failureRate: 0.49 })).toBe('add-context');
    expect(choose({ failureRate: 0.5 })).toBe('incremental');
  });

  it('answers a named issue before history', () => {
    expect(choose({ issues: ['it is a Regression'], failureRate: 1 })).toBe('rollback-to-checkpoint');
  });

  it('answers the kind of failure before anything else', () => {
    expect(choose({ code: 'context', issues: ['unclear'] })).toBe('simplify-prompt');
    expect(choose({ code: 'turn-limit' })).toBe('incremental');
    expect(choose({ code: 'constructor' })).toBe('add-context');
  });

  it('says why', () => {
    const input = { stage: 'alex', attempt: 3, code: 'OUTPUT_INVALID', issues: [], config } as const;
    expect(chooseStrategy(input)).toEqual({ strategy: 'simplify-prompt', reason: 'attempt 3 of alex' });
    expect(chooseStrategy({ ...input, failureRate: 0.75 }).reason).toContain('75 %');
  });
});
