import type { Cell } from '../../../../core/graph/rails.ts';

/** What graphs and states are drawn with. */
export interface Characters {
  readonly line: (cell: Cell) => string;
  readonly across: string;
  readonly down: string;
  /** A stage of which nothing is known but what the definition says. */
  readonly stage: string;
  readonly gate: string;
  readonly conditional: string;
  readonly ellipsis: string;
  readonly dot: string;
  readonly bracket: { readonly first: string; readonly middle: string; readonly last: string };
  readonly states: Readonly<Record<string, string>>;
}

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;
const LINES = ' ╵╷│╴╯╮┤╶╰╭├─┴┬┼';
const ASCII_LINES = " '.|-'.+-'.+-+++";

export const UNICODE: Characters = {
  line: (cell) => (cell.crossed === true ? '│' : (LINES[bitsOf(cell)] ?? ' ')),
  across: '─',
  down: '│',
  stage: '○',
  gate: '◆',
  conditional: '◌',
  ellipsis: '…',
  dot: '·',
  bracket: { first: '╭', middle: '├', last: '╰' },
  states: {
    pending: '·',
    running: '▸',
    succeeded: '✓',
    failed: '✗',
    skipped: '–',
    waiting_approval: '?',
    cancelled: '✗',
    interrupted: '▹',
    undone: '↶',
  },
};

export const ASCII: Characters = {
  line: (cell) => (cell.crossed === true ? '|' : (ASCII_LINES[bitsOf(cell)] ?? ' ')),
  across: '-',
  down: '|',
  stage: 'o',
  gate: '#',
  conditional: '~',
  ellipsis: '...',
  dot: '-',
  bracket: { first: '.', middle: '|', last: "'" },
  states: {
    pending: '.',
    running: '>',
    succeeded: '+',
    failed: 'x',
    skipped: '-',
    waiting_approval: '?',
    cancelled: 'x',
    interrupted: '!',
    undone: '<',
  },
};

/** What a terminal can show: plain ASCII where it says that it is a simple one, or the locale that it knows no more. */
export function charactersFor(env: NodeJS.ProcessEnv): Characters {
  if (env['TERM'] === 'dumb') return ASCII;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  if (locale === undefined) return UNICODE;
  return /utf-?8/i.test(locale) || !/^(C|POSIX)$|\./.test(locale) ? UNICODE : ASCII;
}

function bitsOf(cell: Cell): number {
  return (
    (cell.up === true ? UP : 0) +
    (cell.down === true ? DOWN : 0) +
    (cell.left === true ? LEFT : 0) +
    (cell.right === true ? RIGHT : 0)
  );
}
