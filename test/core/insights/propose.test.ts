import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINIMUMS } from '../../../src/core/insights/minimums.ts';
import { LEAST_SURE, propose, type StageEvidence } from '../../../src/core/insights/propose.ts';

const stage = 'codey-implement';

function evidence(
  model: string,
  successes: number,
  of: number,
  more: Partial<StageEvidence> = {},
): StageEvidence {
  return {
    stage,
    runner: 'claude',
    model,
    successes,
    of,
    priced: 0,
    timed: 0,
    runIds: [`run-of-${model}`],
    ...more,
  };
}

const cost = (medianCostMicroUsd: number, priced = 20): Partial<StageEvidence> => ({
  medianCostMicroUsd,
  priced,
});
const time = (medianMs: number, timed = 20): Partial<StageEvidence> => ({ medianMs, timed });

describe('the proposal for a stage', () => {
  it('needs a minimum of cases, and says how many there are', () => {
    expect(propose([evidence('large', 7, 7)], { stage })).toMatchObject({
      reason: 'not-enough-data',
      candidates: [],
      mostCases: 7,
    });
    expect(propose([], { stage })).toMatchObject({ reason: 'not-enough-data', mostCases: 0 });
    expect(propose([evidence('large', 8, 8)], { stage })).toMatchObject({
      reason: 'the-only-one',
      choice: { model: 'large', runIds: ['run-of-large'] },
    });
  });

  it('is none where no model surely succeeds more often than not', () => {
    const { choice, reason, candidates } = propose([evidence('large', 6, 10), evidence('small', 2, 10)], {
      stage,
    });
    expect([choice, reason]).toEqual([undefined, 'not-sure-enough']);
    expect(candidates.map(({ model }) => model)).toEqual(['large', 'small']);
  });

  it('goes by the lower bound: many good runs before a few perfect ones', () => {
    const { choice, reason } = propose([evidence('tried', 95, 100), evidence('new', 8, 8)], { stage });
    expect([choice?.model, reason]).toEqual(['tried', 'surest']);
  });

  it('takes the cheapest of those that are as sure, then the fastest', () => {
    const dear = evidence('dear', 95, 100, { ...cost(900_000), ...time(1000) });
    const cheap = evidence('cheap', 93, 100, { ...cost(100_000), ...time(9000) });
    const slow = evidence('slow', 95, 100, { ...cost(900_000), ...time(5000) });
    expect(propose([dear, cheap], { stage })).toMatchObject({
      choice: { model: 'cheap' },
      reason: 'as-sure-and-cheaper',
    });
    expect(propose([slow, dear], { stage })).toMatchObject({
      choice: { model: 'dear' },
      reason: 'as-sure-and-faster',
    });
    expect(propose([dear, evidence('cheap', 60, 100, cost(1))], { stage }).choice?.model).toBe('dear');
  });

  it('takes an unknown cost for unknown and not for nothing, also where only a few cases told it', () => {
    const known = evidence('known', 95, 100, cost(900_000));
    expect(propose([evidence('unknown', 95, 100), known], { stage }).choice?.model).toBe('known');
    const barely = evidence('barely', 95, 100, cost(1, MINIMUMS.rate - 1));
    const proposal = propose([barely, known], { stage });
    expect(proposal.choice?.model).toBe('known');
    expect(proposal.candidates.find(({ model }) => model === 'barely')).not.toHaveProperty(
      'medianCostMicroUsd',
    );
  });

  it('looks at the ambiguity asked for where its cases suffice, else at all work', () => {
    const all = [evidence('large', 95, 100), evidence('small', 50, 100)];
    const high = [
      evidence('large', 2, 9, { ambiguity: 'high' }),
      evidence('small', 9, 9, { ambiguity: 'high' }),
    ];
    expect(propose([...all, ...high], { stage, ambiguity: 'high' })).toMatchObject({
      ambiguity: 'high',
      choice: { model: 'small' },
    });
    const low = propose([...all, ...high], { stage, ambiguity: 'low' });
    expect([low.ambiguity, low.choice?.model]).toEqual([undefined, 'large']);
  });

  it('keeps to the stage and to the runner that is asked for', () => {
    const rows = [
      evidence('large', 20, 20, { runner: 'other' }),
      evidence('small', 18, 20),
      evidence('large', 20, 20, { stage: 'alex' }),
    ];
    expect(propose(rows, { stage, runner: 'claude' }).choice).toMatchObject({
      runner: 'claude',
      model: 'small',
    });
    expect(propose(rows, { stage: 'cass' }).choice).toBeUndefined();
  });
});

const anEvidence = fc
  .record({
    model: fc.constantFrom('a', 'b', 'c', 'd'),
    ambiguity: fc.constantFrom(undefined, 'low'),
    of: fc.integer({ min: 1, max: 60 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    cost: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    time: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  })
  .map(({ model, ambiguity, of, share, cost: price, time: ms }) =>
    evidence(model, Math.round(of * share), of, {
      ...(ambiguity === undefined ? {} : { ambiguity }),
      ...(price === undefined ? {} : cost(price)),
      ...(ms === undefined ? {} : time(ms)),
    }),
  );
const someEvidence = fc.uniqueArray(anEvidence, {
  maxLength: 8,
  selector: ({ model, ambiguity }) => `${model} ${ambiguity}`,
});
const question = fc.constantFrom({ stage }, { stage, ambiguity: 'low' }, { stage, runner: 'claude' });

describe('every proposal', () => {
  it('has the minimum of cases and is sure enough', () => {
    fc.assert(
      fc.property(someEvidence, question, (rows, asked) => {
        const { choice, candidates } = propose(rows, asked);
        for (const { of } of candidates) expect(of).toBeGreaterThanOrEqual(MINIMUMS.proposal);
        if (choice === undefined) return;
        expect(choice.low).toBeGreaterThanOrEqual(LEAST_SURE);
        expect(choice).toEqual(candidates[0]);
      }),
    );
  });

  it('is the same in whatever order the evidence comes', () => {
    fc.assert(
      fc.property(someEvidence, question, fc.array(fc.nat()), (rows, asked, order) => {
        const shuffled = rows
          .map((row, index) => ({ row, key: order[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row);
        expect(propose(shuffled, asked)).toEqual(propose(rows, asked));
      }),
    );
  });

  it('never ranks a model lower for one more success, be it an additional case or one that had failed', () => {
    fc.assert(
      fc.property(someEvidence, question, fc.nat(), fc.boolean(), (rows, asked, pick, isAdditional) => {
        const chosen = rows[pick % Math.max(1, rows.length)];
        if (chosen === undefined || (!isAdditional && chosen.successes === chosen.of)) return;
        const better = {
          ...chosen,
          successes: chosen.successes + 1,
          of: chosen.of + (isAdditional ? 1 : 0),
        };
        const before = rankOf(chosen.model, propose(rows, asked));
        const after = rankOf(
          chosen.model,
          propose(
            rows.map((row) => (row === chosen ? better : row)),
            asked,
          ),
        );
        expect(after).toBeLessThanOrEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

/** 0 for the one proposed; what has too few cases, or is not sure enough, comes last. */
function rankOf(model: string, { choice, candidates }: ReturnType<typeof propose>): number {
  if (choice?.model === model) return 0;
  const at = candidates.findIndex((one) => one.model === model && one.low >= LEAST_SURE);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}
