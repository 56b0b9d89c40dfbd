/** Fewer cases than this say nothing: "not enough data" is shown instead of a rate. */
export const MIN_CASES = 5;

/** How many of a number of cases; its rate, and between which rates the true one lies in 95 of 100 such samples. */
export interface Proportion {
  readonly successes: number;
  readonly count: number;
  /** From 0 to 1; null with no case at all. */
  readonly rate: number | null;
  /** Wilson's score interval at 95 %; null with no case at all. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Whether there are at least `MIN_CASES`. */
  readonly isEnough: boolean;
}

/** The standard normal deviate that leaves 2.5 % above it. */
const Z = 1.959963984540054;

/** A proportion with its interval, which stays between 0 and 1 and is sound for few cases too. */
export function proportion(successes: number, count: number): Proportion {
  const isEnough = count >= MIN_CASES;
  if (count === 0) return { successes, count, rate: null, interval: null, isEnough };
  const rate = successes / count;
  const spread = Z ** 2 / count;
  const centre = (rate + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((rate * (1 - rate)) / count + spread / (4 * count));
  return {
    successes,
    count,
    rate,
    interval: {
      low: successes === 0 ? 0 : Math.max(0, centre - half),
      high: successes === count ? 1 : Math.min(1, centre + half),
    },
    isEnough,
  };
}
