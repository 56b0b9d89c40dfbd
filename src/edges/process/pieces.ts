/** A text that comes in pieces, to be handed out in whole lines. */
export interface Pieces {
  readonly add: (piece: string) => void;
  /** Nothing more belongs to the text. */
  readonly end: () => void;
}

/** More without a line feed is handed out as it is: nobody writes lines that long. */
const LONGEST_LINE = 1024 * 1024;

export function createPieces(onLine: (line: string) => void): Pieces {
  let pieces: string[] = [];
  let length = 0;

  function end(): void {
    if (pieces.length === 0) return;
    const text = pieces.join('');
    pieces = [];
    length = 0;
    for (const line of text.replace(/\n$/, '').split('\n')) onLine(line);
  }

  return {
    add(piece) {
      pieces.push(piece);
      length += piece.length;
      if (piece.endsWith('\n') || length > LONGEST_LINE) end();
    },
    end,
  };
}
