import { expect, test } from 'vitest';
import { perStage, stageOptionsOf } from '../../../src/interfaces/cli/per-stage.ts';

const read = perStage((text) => Number.parseInt(text, 10));

test('an option is given for the whole run and for single stages, and what is said last counts', () => {
  const parsed = ['5', 'alex=1', 'cass=2', 'alex=3', '7'].reduce<ReturnType<typeof read> | undefined>(
    (before, text) => read(text, before),
    undefined,
  );
  expect(parsed).toEqual({ run: 7, stages: { alex: 3, cass: 2 } });
});

test('without the name of a stage before its = an option is refused', () => {
  expect(() => read('=5')).toThrow('before = it takes the name of a stage');
});

test('what was given for single stages is put together by stage', () => {
  expect(
    stageOptionsOf({
      maxCost: { run: 9, stages: { alex: 1 } },
      maxTokens: { stages: { alex: 2, cass: 3 } },
      stageTimeout: { run: 4, stages: { cass: 5 } },
    }),
  ).toEqual({
    stageTimeoutMs: 4,
    stageTimeouts: { cass: 5 },
    stageLimits: { alex: { maxCostMicroUsd: 1, maxTokens: 2 }, cass: { maxTokens: 3 } },
  });
  expect(stageOptionsOf({ maxCost: { run: 9 } })).toEqual({});
});
