const MICRO = 1_000_000;

/** Integer micro-USD as `$1.23`, with as many places as are needed so that a small sum is not shown as nothing. */
export function formatMoney(microUsd: number | undefined): string {
  if (microUsd === undefined) return '-';
  const places = microUsd === 0 || microUsd >= 10_000 ? 2 : microUsd >= 100 ? 4 : 6;
  return `$${(microUsd / MICRO).toFixed(places)}`;
}

/** The same, of a sum that may be only a part of the whole: `at least $1.23`. */
export function formatKnownCost(microUsd: number | undefined, isPart: boolean | undefined): string {
  return `${isPart === true && microUsd !== undefined ? 'at least ' : ''}${formatMoney(microUsd)}`;
}

/** What is known of a cost, in words; undefined where nothing cost anything. What is not known is not nothing. */
export function formatCost(cost: {
  readonly costMicroUsd: number;
  /** Agents that did not tell theirs. */
  readonly unknownCost: number;
}): string | undefined {
  const { costMicroUsd, unknownCost } = cost;
  if (costMicroUsd === 0) return unknownCost === 0 ? undefined : 'unknown';
  return formatKnownCost(costMicroUsd, unknownCost > 0);
}

/** `1,234,567`; a dash for what is not known. */
export function formatCount(count: number | undefined): string {
  return count === undefined ? '-' : String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A rate 0..1 as `87.5%`. */
export function formatPercent(rate: number | undefined): string {
  return rate === undefined ? '-' : `${(rate * 100).toFixed(1)}%`;
}
