/** An interval of a rate or of a difference of rates, 0..1 or -1..1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95% of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The Wilson score interval (95%) of a rate. Unlike the usual `p ± …` it stays inside 0..1 and does not shrink to
 * nothing where every case, or none, succeeded. Without cases it is 0..1: nothing is known.
 */
export function wilsonInterval(successes: number, of: number): Interval {
  if (of <= 0) return { low: 0, high: 1 };
  const rate = successes / of;
  const square = Z * Z;
  const middle = rate + square / (2 * of);
  const half = Z * Math.sqrt((rate * (1 - rate)) / of + square / (4 * of * of));
  const whole = 1 + square / of;
  // At the ends the formula gives 0 and 1 but for rounding.
  return {
    low: successes === 0 ? 0 : Math.max(0, (middle - half) / whole),
    high: successes === of ? 1 : Math.min(1, (middle + half) / whole),
  };
}

/** The 95% interval of `first - second` by Newcombe's method, from the Wilson intervals of both. */
export function differenceInterval(
  first: { readonly successes: number; readonly of: number },
  second: { readonly successes: number; readonly of: number },
): Interval {
  if (first.of <= 0 || second.of <= 0) return { low: -1, high: 1 };
  const a = first.successes / first.of;
  const b = second.successes / second.of;
  const ofA = wilsonInterval(first.successes, first.of);
  const ofB = wilsonInterval(second.successes, second.of);
  return {
    low: a - b - Math.hypot(a - ofA.low, ofB.high - b),
    high: a - b + Math.hypot(ofA.high - a, b - ofB.low),
  };
}
