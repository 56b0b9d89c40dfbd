import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costConfigSchema,
  estimateCostMicroUsd,
  modelPriceSchema,
  priceOf,
} from '../../../src/core/config/cost-config.ts';
import { feedbackConfigSchema } from '../../../src/core/config/feedback-config.ts';
import { mergeWithDefaults } from '../../../src/core/config/merge.ts';
import { retryConfigSchema } from '../../../src/core/config/retry-config.ts';
import { stackConfigSchema } from '../../../src/core/config/stack-config.ts';

describe('a configuration', () => {
  it.each([retryConfigSchema, feedbackConfigSchema, costConfigSchema, stackConfigSchema])(
    'has defaults for everything (%#)',
    (schema) => {
      expect(mergeWithDefaults(schema, {})).toMatchObject({ ok: true, value: { version: 1 } });
    },
  );

  it('keeps defaults beside what a partial file sets, also further in', () => {
    const merged = mergeWithDefaults(retryConfigSchema, {
      maxAttempts: 5,
      strategies: { alex: ['incremental'] },
    });
    expect(merged).toMatchObject({
      ok: true,
      value: {
        maxAttempts: 5,
        window: 10,
        strategies: { alex: ['incremental'], cass: ['add-context', 'simplify-prompt'] },
      },
    });
  });

  it('names everything that is wrong, by its path', () => {
    const merged = mergeWithDefaults(retryConfigSchema, {
      maxAttempts: 0,
      strategies: { alex: ['hope'] },
      extra: 1,
    });
    expect(merged).toMatchObject({
      ok: false,
      error: {
        code: 'bad-config',
        message: expect.stringMatching(/maxAttempts: .*strategies\.alex\.0: .*extra/),
      },
    });
  });

  it.each([null, 'x', 7, []])('is refused when it is %j', (value) => {
    expect(mergeWithDefaults(feedbackConfigSchema, value).ok).toBe(false);
  });

  it('cannot be poisoned through __proto__', () => {
    const merged = mergeWithDefaults(feedbackConfigSchema, JSON.parse('{"__proto__": {"enabled": false}}'));
    expect(merged.ok).toBe(false);
    expect(Object.prototype).not.toHaveProperty('enabled');
  });
});

describe('the cost of tokens', () => {
  const price = modelPriceSchema.parse({ input: 3, output: 15, cacheRead: 0.3 });

  it('is price per million times tokens, in micro-USD', () => {
    expect(estimateCostMicroUsd({ input: 1_000_000, output: 2_000_000, cacheRead: 10 }, price)).toBe(
      33_000_003,
    );
  });

  it('takes the input price for cached tokens without one of their own', () => {
    expect(estimateCostMicroUsd({ input: 0, output: 0, cacheWrite: 2, cacheRead: 10 }, price)).toBe(9);
  });

  it('loses nothing over many small amounts', () => {
    const cheap = modelPriceSchema.parse({ input: 0.1, output: 0.000001 });
    expect(
      estimateCostMicroUsd(
        Array.from({ length: 10 }, () => ({ input: 1, output: 0 })),
        cheap,
      ),
    ).toBe(1);
    expect(estimateCostMicroUsd({ input: 0, output: 1_000_000 }, cheap)).toBe(1);
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000)), fc.nat(1_000_000_000), (tokens, micro) => {
        const some = modelPriceSchema.parse({ input: micro / 1_000_000, output: 0 });
        const sum = tokens.reduce((total, count) => total + count, 0);
        const expected = Number((BigInt(sum) * BigInt(micro) + 500_000n) / 1_000_000n);
        expect(
          estimateCostMicroUsd(
            tokens.map((input) => ({ input, output: 0 })),
            some,
          ),
        ).toBe(expected);
      }),
    );
  });

  it('refuses prices that are negative, endless or too fine', () => {
    for (const input of [-1, Number.NaN, Number.POSITIVE_INFINITY, 0.0000001]) {
      expect(modelPriceSchema.safeParse({ input, output: 1 }).success).toBe(false);
    }
  });

  it('finds the price by name, then by the longest beginning', () => {
    const one = (input: number) => ({ input, output: 0 });
    const config = costConfigSchema.parse({ models: { 'a-*': one(1), 'a-b*': one(2), 'a-b-c': one(3) } });
    expect(['a-b-c', 'a-b-d', 'a-x', 'z', 'toString'].map((model) => priceOf(config, model)?.input)).toEqual([
      3,
      2,
      1,
      undefined,
      undefined,
    ]);
  });
});
