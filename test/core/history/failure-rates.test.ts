import { expect, test } from 'vitest';
import { failureRates } from '../../../src/core/history/failure-rates.ts';

const stage = { startedAt: 'a', completedAt: 'b', durationMs: 1 };

test('the failure rate of a stage is its failures by the runs in which it ran', () => {
  const rates = failureRates([
    { slug: 'a', status: 'success', failedStage: null, stages: { alex: stage, nigel: stage } },
    { slug: 'b', status: 'failed', failedStage: 'nigel', stages: { alex: stage, nigel: stage } },
    { slug: 'c', status: 'failed', failedStage: 'alex', stages: { alex: stage } },
    { slug: 'd', status: 'paused', failedStage: null, stages: { alex: stage } },
  ]);
  expect(rates).toEqual({ alex: 0.25, nigel: 0.5 });
});

test('without history there are no rates', () => {
  expect(failureRates([])).toEqual({});
});
