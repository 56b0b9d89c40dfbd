import { displayWidth } from './table.ts';

/** A line of a status report: a text, or a label with its value. */
export type StatusLine =
  | string
  | {
      readonly label: string;
      readonly value: string;
      /** Stands below a heading. */
      readonly inner?: boolean;
      readonly paint?: (text: string) => string;
    };

/** Column in which values begin, below a heading two further. */
const VALUES = 12;
/** Less room than this beside a label is none: the value then begins below it. */
const LEAST_ROOM = 16;

/**
 * The lines as they are printed. With a `width` (columns of a terminal) none is longer: values go on below
 * themselves, broken between words or, where a word is longer than the line, between characters.
 */
export function statusLines(lines: readonly StatusLine[], width?: number): string[] {
  return lines.flatMap((line) =>
    typeof line === 'string' ? textLines(line, width) : pairLines(line, width),
  );
}

/** A text without a label; what does not fit goes on below its beginning. */
function textLines(text: string, width: number | undefined): string[] {
  if (width === undefined || displayWidth(text) <= width) return [text];
  const indent = Math.min(text.length - text.trimStart().length, Math.floor(width / 2));
  return brokenLines(text.trimStart(), width - indent).map((piece) => ' '.repeat(indent) + piece);
}

function pairLines(line: Exclude<StatusLine, string>, width: number | undefined): string[] {
  const { label, value, inner = false, paint = (text: string) => text } = line;
  const margin = inner ? '  ' : '';
  const head = `${margin}${`${label}:`.padEnd(VALUES)}`;
  const start = head.endsWith(' ') ? head : `${head} `;
  if (width === undefined || displayWidth(start) + displayWidth(value) <= width)
    return [start + paint(value)];
  const room = width - displayWidth(start);
  if (room >= LEAST_ROOM)
    return brokenLines(value, room).map(
      (piece, index) => (index === 0 ? start : ' '.repeat(displayWidth(start))) + paint(piece),
    );
  const below = `${margin}  `;
  return [
    ...brokenLines(start.trim(), width),
    ...brokenLines(value, Math.max(1, width - below.length)).map((piece) => below + paint(piece)),
  ];
}

/** Pieces of at most `width` columns: between words where that is possible. */
function brokenLines(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => piecesOf(one, width))) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word in pieces that fit; what a reader sees as one character stays whole. */
function piecesOf(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let taken = 0;
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const cells = displayWidth(segment);
    if (piece !== '' && taken + cells > width) {
      pieces.push(piece);
      piece = '';
      taken = 0;
    }
    piece += segment;
    taken += cells;
  }
  return [...pieces, piece];
}
