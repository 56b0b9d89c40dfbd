import { plainText } from '../../../core/agent/plain-text.ts';

/** `12m 45s`, `1h 3m`, `0.8s`; of milliseconds. */
export function shortDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** `1,234` or `56.7k`. */
export function shortCount(count: number): string {
  return count < 10_000 ? count.toLocaleString('en-US') : `${(count / 1000).toFixed(1)}k`;
}

/** `$0.42`, of integer micro-USD; small amounts keep four decimals. */
export function shortCost(microUsd: number): string {
  const usd = microUsd / 1e6;
  return `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** One line without control characters, cut to a width with an ellipsis. */
export function oneLine(text: string, width = 100): string {
  const line = plainText(text).replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
