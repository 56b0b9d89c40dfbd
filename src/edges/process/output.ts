import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLineMasker } from '../../core/agent/mask.ts';
import { plainText } from '../../core/agent/plain-text.ts';
import type { BoundedLog } from './bounded-log.ts';
import { createLineTail, type LineTail } from './line-tail.ts';
import { createPieces } from './pieces.ts';
import type { Spool, StreamName } from './spool.ts';

/** One line that a child printed: as it came (for parsing, never to be shown), and masked without escapes. */
export interface OutputLine {
  readonly stream: StreamName;
  readonly raw: string;
  readonly shown: string;
}

export interface OutputOptions {
  readonly maxOutputBytes: () => number;
  readonly maxLineBytes: number;
  readonly mask: (text: string) => string;
  readonly onLine: (line: OutputLine) => void;
  /** A line for which true comes back breaks the silence, and is neither logged nor handed out. */
  readonly isSignOfLife?: ((stream: StreamName, raw: string) => boolean) | undefined;
  /**
   * The text of which a line holds a piece. Such lines are handed out; the log gets the text once something else comes,
   * for a secret may be divided between two of them.
   */
  readonly pieceIn?: ((raw: string) => string | undefined) | undefined;
}

export interface Output {
  /** Takes a bounded share of what was printed since the last time; answers with its number of bytes. */
  readonly poll: () => number;
  /** Takes all that is left, and last lines without a line feed. Only after the tree has ended. */
  readonly drain: () => Promise<void>;
  /** Whether more was printed than is allowed, at the last poll; what is beyond is not read. */
  readonly overLimit: () => boolean;
  /** Whether the last poll left something, so that the next need not wait. */
  readonly moreWaiting: () => boolean;
}

/** So that a child that writes faster than we read cannot keep its limits from being checked. */
const SHARE_BYTES = 1024 * 1024;

/** Follows both spool files of a child, masks every line, logs it and hands it out. */
export function createOutput(spool: Spool, log: BoundedLog, options: OutputOptions): Output {
  const tails: readonly LineTail[] = [tailOf('stdout'), tailOf('stderr')];

  function tailOf(stream: StreamName): LineTail {
    const maskLine = createLineMasker(options.mask);
    const addToLog = (line: string) => log.add(stream === 'stderr' ? `stderr: ${line}` : line);
    const text = createPieces((line) => addToLog(maskLine(plainText(line))));
    const tail = createLineTail(spool[stream], options.maxLineBytes, (raw) => {
      if (options.isSignOfLife?.(stream, raw) === true) return;
      const piece = stream === 'stdout' ? options.pieceIn?.(raw) : undefined;
      if (piece !== undefined) {
        text.add(piece);
        options.onLine({ stream, raw, shown: '' });
        return;
      }
      text.end();
      const shown = maskLine(plainText(raw));
      addToLog(shown);
      options.onLine({ stream, raw, shown });
    });
    return {
      ...tail,
      end() {
        tail.end();
        text.end();
      },
    };
  }

  const total = () => tails.reduce((sum, tail) => sum + tail.total(), 0);
  const waiting = () => tails.reduce((sum, tail) => sum + tail.waiting(), 0);
  const overLimit = () => total() + waiting() > options.maxOutputBytes();

  function poll(): number {
    let bytes = 0;
    for (const tail of tails) {
      // One byte more than allowed tells "exactly full" from "too much".
      const room = options.maxOutputBytes() + 1 - total();
      if (room > 0) bytes += tail.read(Math.min(room, SHARE_BYTES));
      log.flush();
    }
    return bytes;
  }

  return {
    poll,
    async drain() {
      // Other children are served between two shares.
      while (poll() > 0) await nextTurn();
      for (const tail of tails) tail.end();
      log.flush();
    },
    overLimit,
    moreWaiting: () => waiting() > 0 && !overLimit(),
  };
}
