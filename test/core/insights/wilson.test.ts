import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateOf } from '../../../src/core/insights/rate.ts';
import { differenceInterval, wilsonInterval } from '../../../src/core/insights/wilson.ts';

describe('the Wilson interval', () => {
  // Worked by hand from Wilson's formula with z = 1.96.
  it.each([
    [8, 8, 0.6756, 1],
    [0, 8, 0, 0.3244],
    [7, 10, 0.3968, 0.8922],
    [81, 100, 0.7222, 0.8749],
  ])('of %i in %i is %f to %f', (successes, of, low, high) => {
    const interval = wilsonInterval(successes, of);
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  it('is everything where there are no cases', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
    expect(differenceInterval({ successes: 0, of: 0 }, { successes: 5, of: 5 })).toEqual({
      low: -1,
      high: 1,
    });
  });

  it('holds the rate, stays inside 0..1 and rises with every success', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), (of, wish) => {
        const successes = Math.min(wish, of - 1);
        const interval = wilsonInterval(successes, of);
        const more = wilsonInterval(successes + 1, of);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low).toBeLessThanOrEqual(successes / of);
        expect(interval.high).toBeGreaterThanOrEqual(successes / of);
        expect(more.low).toBeGreaterThan(interval.low);
        expect(wilsonInterval(successes + 1, of + 1).low).toBeGreaterThan(interval.low);
      }),
    );
  });

  it('of a difference leaves out 0 only where the rates are clearly apart', () => {
    expect(differenceInterval({ successes: 30, of: 33 }, { successes: 1, of: 10 }).low).toBeGreaterThan(0);
    expect(differenceInterval({ successes: 1, of: 10 }, { successes: 30, of: 33 }).high).toBeLessThan(0);
    const alike = differenceInterval({ successes: 4, of: 5 }, { successes: 3, of: 5 });
    expect(alike.low).toBeLessThan(0);
    expect(alike.high).toBeGreaterThan(0);
  });
});

describe('a rate', () => {
  it('has counts but no figures below the minimum', () => {
    expect(rateOf(3, 4)).toEqual({ successes: 3, of: 4, enough: false });
    expect(rateOf(0, 0, 0)).toEqual({ successes: 0, of: 0, enough: false });
    expect(rateOf(4, 5)).toMatchObject({ enough: true, rate: 0.8 });
  });
});
