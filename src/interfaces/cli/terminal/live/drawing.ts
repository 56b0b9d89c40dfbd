import { displayWidth } from '../../report/table.ts';

/** What is asked of a terminal. */
export interface TerminalStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Lines at the bottom of a terminal that are written over in place, in one write, so that nothing flickers. */
export interface Drawing {
  /** Draws `lines` anew, with `above` written once and for all over them. */
  show(above: readonly string[], lines: readonly string[]): void;
  /** Takes the lines away. */
  erase(): void;
  /** Lets the lines stand; what comes is written below them. */
  leave(): void;
}

const ERASE_LINE = '\x1b[K';
const ERASE_BELOW = '\x1b[0J';

export function createDrawing(stream: TerminalStream): Drawing {
  let drawn: readonly string[] = [];
  let columns = stream.columns;
  return {
    show(above, lines) {
      const isSame = lines.length === drawn.length && lines.every((line, index) => line === drawn[index]);
      if (above.length === 0 && isSame && columns === stream.columns) return;
      const rows = [...above, ...lines].map((line) => `${line}${ERASE_LINE}\n`).join('');
      stream.write(`${backToTop()}${rows}${ERASE_BELOW}`);
      drawn = lines;
      columns = stream.columns;
    },
    erase() {
      if (drawn.length > 0) stream.write(`${backToTop()}${ERASE_BELOW}`);
      drawn = [];
    },
    leave() {
      drawn = [];
    },
  };

  /** A terminal that became narrower has broken the lines into more than were written. */
  function backToTop(): string {
    const width = stream.columns ?? 80;
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(shownWidth(line) / width)), 0);
    return rows === 0 ? '' : `\x1b[${rows}A`;
  }
}

function shownWidth(line: string): number {
  return displayWidth(line.replace(/\x1b\[[0-9;]*m/g, ''));
}
