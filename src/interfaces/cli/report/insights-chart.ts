import type { InsightsLook } from './insights-text.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const BLOCK = '█';
const LEVELS = '▁▂▃▄▅▆▇█';
const PLAIN_LEVELS = '.:-=+*%#';

/** A bar of `cells` columns for a share 0..1; padded, so that what follows stays in its column. */
export function bar(share: number, cells: number, { blocks }: Pick<InsightsLook, 'blocks'>): string {
  const within = Math.min(1, Math.max(0, share));
  if (!blocks) return '#'.repeat(Math.round(within * cells)).padEnd(cells);
  const eighths = Math.round(within * cells * 8);
  return `${BLOCK.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ''}`.padEnd(cells);
}

/** One character per value, the tallest for the greatest of them; a blank where there is none or nothing. */
export function sparkline(
  values: readonly (number | undefined)[],
  { blocks }: Pick<InsightsLook, 'blocks'>,
): string {
  const greatest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const levels = blocks ? LEVELS : PLAIN_LEVELS;
  return values
    .map((value) => {
      if (value === undefined || value <= 0 || greatest === 0) return ' ';
      return levels[Math.min(levels.length - 1, Math.ceil((value / greatest) * levels.length) - 1)] ?? ' ';
    })
    .join('');
}
