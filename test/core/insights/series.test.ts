import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeries, logSpreadOf, quantileOf, spreadOf } from '../../../src/core/insights/series.ts';

function seriesOf(values: Iterable<number>) {
  const series = createSeries();
  for (const value of values) series.add(value);
  return series;
}

describe('a series', () => {
  it('gives median and 90th percentile as a spreadsheet does', () => {
    expect(spreadOf(seriesOf([11, 1, 3, 2, 6]))).toEqual({ count: 5, median: 3, p90: 9 });
    expect(spreadOf(seriesOf([10, 1, 3, 2]))).toMatchObject({ median: 2.5 });
    expect(spreadOf(seriesOf([5]))).toEqual({ count: 1, median: 5, p90: 5 });
    expect(spreadOf(seriesOf([]))).toEqual({ count: 0 });
  });

  it('passes over what is not known and what is no figure', () => {
    const series = seriesOf([Number.NaN, Number.POSITIVE_INFINITY, -1, 4]);
    series.add(undefined);
    expect([series.count, series.total]).toEqual([1, 4]);
  });

  it('keeps many values in a few steps, with quantiles within one percent', () => {
    const series = createSeries();
    for (let number = 1; number <= 50_000; number += 1) series.add((number * 7919) % 50_021);
    expect(series.points().length).toBeLessThan(1500);
    const { median = 0, p90 = 0 } = spreadOf(series);
    expect(median / 25_010).toBeCloseTo(1, 2);
    expect(p90 / 45_018).toBeCloseTo(1, 2);
    expect(series.count).toBe(50_000);
  });

  it('keeps zeros apart from what is small, also among many', () => {
    const series = seriesOf(Array.from({ length: 5000 }, (_, index) => (index % 2 === 0 ? 0 : 0.001)));
    expect(quantileOf(series.points(), 0)).toBe(0);
    expect(series.points()).toHaveLength(2);
  });

  it('has a median and deviation of its logarithms that one value does not move', () => {
    const usual = [100, 110, 90, 105, 95, 100, 102];
    const with1 = logSpreadOf(seriesOf([...usual, 1e9]).points());
    const with2 = logSpreadOf(seriesOf([...usual, 120]).points());
    expect(with1).toEqual(with2);
  });

  it('lies between its smallest and its largest value, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const { median = -1, p90 = -1 } = spreadOf(seriesOf(values));
        expect(median).toBeGreaterThanOrEqual(Math.min(...values));
        expect(p90).toBeGreaterThanOrEqual(median);
        expect(p90).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });
});
