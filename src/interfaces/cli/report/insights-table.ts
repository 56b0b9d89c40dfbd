import { cut } from './graph/wrap.ts';
import type { InsightsLook } from './insights-text.ts';
import { type Cell, type Column, displayWidth, formatTable } from './table.ts';

export interface FittingColumn extends Column {
  /** The higher, the sooner it is left out where there is no room. Without it the column stays. */
  readonly drop?: number;
}

const GAP = 2;
const SHORTEST_NAME = 8;

/** A table within the width: columns are left out as their `drop` says, and at last the first one, of names, is cut. */
export function fittingTable(
  columns: readonly FittingColumn[],
  rows: readonly (readonly Cell[])[],
  { style, width }: InsightsLook,
): string {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[index])), displayWidth(title)),
  );
  const total = (shown: readonly number[]): number =>
    shown.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP, -GAP);
  const inOrder = columns
    .flatMap(({ drop }, index) => (drop === undefined ? [] : [{ drop, index }]))
    .sort((a, b) => b.drop - a.drop);
  let shown = columns.map((_, index) => index);
  for (const { index } of inOrder) if (total(shown) > width) shown = shown.filter((one) => one !== index);
  const room = Math.max(SHORTEST_NAME, (widths[0] ?? 0) - Math.max(0, total(shown) - width));
  const pick = <T>(list: readonly T[]): T[] => shown.flatMap((index) => list[index] ?? []);
  return formatTable(
    pick(columns),
    rows.map(([name, ...rest]) => pick([cutCell(name ?? '', room), ...padded(rest, columns.length - 1)])),
    style,
  );
}

/** A row may end early, as the name of a group does. */
function padded(cells: readonly Cell[], length: number): Cell[] {
  return Array.from({ length }, (_, index) => cells[index] ?? '');
}

/** Leading spaces, which show what belongs to what, are kept. */
function cutCell(cell: Cell, room: number): Cell {
  const text = textOf(cell);
  if (displayWidth(text) <= room) return cell;
  const indent = text.length - text.trimStart().length;
  const short = `${' '.repeat(indent)}${cut(text.trimStart(), room - indent)}`;
  return typeof cell === 'string' ? short : { ...cell, text: short };
}

function widthOf(cell: Cell | undefined): number {
  return cell === undefined ? 0 : displayWidth(textOf(cell));
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
