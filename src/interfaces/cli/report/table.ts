import { harmless, type Style } from './style.ts';

export interface Column {
  readonly title: string;
  /** Default left. */
  readonly align?: 'right';
}

/** A cell: its text (made harmless here) and how it is painted. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = '  ';
/** Printable ASCII: a column a character. */
const IS_PLAIN = /^[ -~]*$/;

/** Rows in aligned columns under bold titles; every line ends with a line feed. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: Style,
): string {
  const titles = columns.map((column): Cell => ({ text: column.title, paint: style.bold }));
  const lines = [titles, ...rows].map((row) =>
    columns.map((_, index) => {
      const cell = row[index] ?? '';
      const given = typeof cell === 'string' ? cell : cell.text;
      const isPlain = IS_PLAIN.test(given);
      const text = isPlain ? given : harmless(given);
      return {
        text,
        width: isPlain ? text.length : displayWidth(text),
        paint: typeof cell === 'string' ? undefined : cell.paint,
      };
    }),
  );
  const widths = columns.map((_, index) =>
    lines.reduce((most, line) => Math.max(most, line[index]?.width ?? 0), 0),
  );
  return lines
    .map((line) => {
      const padded = line.map(({ text, width, paint }, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - width);
        const shown = paint === undefined ? text : paint(text);
        return columns[index]?.align === 'right'
          ? space + shown
          : shown + (index === line.length - 1 ? '' : space);
      });
      return `${padded.join(GAP).trimEnd()}\n`;
    })
    .join('');
}

/** `Label:  value` lines with the values in one column. */
export function formatPairs(pairs: readonly (readonly [string, Cell])[]): string {
  const width = pairs.reduce((most, [label]) => Math.max(most, label.length + 1), 0);
  return pairs
    .map(([label, cell]) => {
      const text = harmless(typeof cell === 'string' ? cell : cell.text);
      return `${`${label}:`.padEnd(width)}${GAP}${typeof cell === 'string' ? text : cell.paint(text)}\n`;
    })
    .join('');
}

/** Cells of a terminal that a text takes: East Asian and emoji two, marks that join the one before none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character.codePointAt(0) ?? 0);
  return width;
}

/** Compared by hand: compiling the regular expressions for it costs more than printing a list. */
function widthOf(code: number): number {
  if (code < 0x300) return 1;
  if (isIn(code, JOINING)) return 0;
  return isIn(code, WIDE) ? 2 : 1;
}

function isIn(code: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}

const JOINING = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x610, 0x61a],
  [0x64b, 0x65f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200d],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
] as const;
const WIDE = [
  [0x1100, 0x115f],
  // Signs that are drawn as emoji where nothing else is asked for, and the few that terminals differ about.
  [0x231a, 0x231b],
  [0x23e9, 0x23f3],
  [0x23f8, 0x23fa],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x267f, 0x267f],
  [0x2693, 0x2693],
  [0x26a1, 0x26a1],
  [0x26aa, 0x26ab],
  [0x26bd, 0x26be],
  [0x26c4, 0x26c5],
  [0x26ce, 0x26ce],
  [0x26d4, 0x26d4],
  [0x26ea, 0x26ea],
  [0x26f2, 0x26f3],
  [0x26f5, 0x26f5],
  [0x26fa, 0x26fa],
  [0x26fd, 0x26fd],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x274c],
  [0x274e, 0x274e],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2795, 0x2797],
  [0x27b0, 0x27b0],
  [0x27bf, 0x27bf],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b50],
  [0x2b55, 0x2b55],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f19a],
  [0x1f200, 0x1f265],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7f0],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
] as const;
