import { fstatSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const BLOCK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

export interface LineTail {
  /** Reads what is there now, at most `limit` bytes; answers with the number of bytes read. */
  readonly read: (limit: number) => number;
  /** Hands out a last line that has no line feed. */
  readonly end: () => void;
  /** Bytes read since the beginning. */
  readonly total: () => number;
  /** Bytes that stood behind them when it was last read. */
  readonly waiting: () => number;
}

/** One for all: a block is used up before the next is read. Made for the first child that prints at all. */
let block: Buffer | undefined;

/**
 * Follows a growing file line by line in blocks of fixed size, so that its length costs no memory. A line longer
 * than `maxLineBytes` is cut there, marked, and its rest skipped. Invalid UTF-8 becomes U+FFFD.
 */
export function createLineTail(file: number, maxLineBytes: number, onLine: (line: string) => void): LineTail {
  let decoder: StringDecoder | undefined;
  let parts: string[] = [];
  let lineBytes = 0;
  let position = 0;
  let size = 0;
  let total = 0;

  function add(bytes: Buffer): void {
    const room = Math.max(0, maxLineBytes - lineBytes);
    if (room > 0) {
      decoder ??= new StringDecoder('utf8');
      parts.push(decoder.write(bytes.length > room ? bytes.subarray(0, room) : bytes));
    }
    lineBytes += bytes.length;
  }

  function finishLine(): void {
    const cut = lineBytes > maxLineBytes ? `… [line cut: ${lineBytes} bytes]` : '';
    const line = parts.join('') + (cut === '' ? (decoder?.end() ?? '') : '') + cut;
    decoder = undefined;
    parts = [];
    lineBytes = 0;
    onLine(line);
  }

  function consume(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      // Nearly all lines are as a whole in one block.
      if (lineBytes === 0 && at - from <= maxLineBytes) onLine(bytes.toString('utf8', from, at));
      else {
        add(bytes.subarray(from, at));
        finishLine();
      }
      from = at + 1;
    }
    if (from < bytes.length) add(bytes.subarray(from));
  }

  return {
    read(limit) {
      size = fstatSync(file).size;
      // The child emptied it, as a shell does for `> /dev/stderr`: what stands there now is new.
      if (size < position) position = 0;
      const end = Math.min(size, position + limit);
      const before = total;
      while (position < end) {
        block ??= Buffer.allocUnsafe(BLOCK_BYTES);
        const read = readSync(file, block, 0, Math.min(BLOCK_BYTES, end - position), position);
        if (read === 0) break;
        position += read;
        total += read;
        consume(block.subarray(0, read));
      }
      return total - before;
    },
    end() {
      if (lineBytes > 0) finishLine();
    },
    total: () => total,
    waiting: () => size - position,
  };
}
