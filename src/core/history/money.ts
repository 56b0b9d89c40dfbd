const MICRO = 1_000_000;

/**
 * Integer micro-USD as the number that stands in a history entry. Division by a power of ten rounds once,
 * so the number prints as the exact decimal with at most six places.
 */
export function usdOf(microUsd: number): number {
  return microUsd / MICRO;
}

/** The way back, for sums without drift. */
export function microUsdOf(usd: number): number {
  return Math.round(usd * MICRO);
}
