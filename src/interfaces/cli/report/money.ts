const MICRO = 1_000_000;

/** Integer micro-USD as `$1.23`, with as many places as are needed so that a small sum is not shown as nothing. */
export function formatMoney(microUsd: number | undefined): string {
  if (microUsd === undefined) return '-';
  const places = microUsd === 0 || microUsd >= 10_000 ? 2 : microUsd >= 100 ? 4 : 6;
  return `$${(microUsd / MICRO).toFixed(places)}`;
}

/** `1,234,567`; a dash for what is not known. */
export function formatCount(count: number | undefined): string {
  return count === undefined ? '-' : String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A rate 0..1 as `87.5%`. */
export function formatPercent(rate: number | undefined): string {
  return rate === undefined ? '-' : `${(rate * 100).toFixed(1)}%`;
}
