import type { FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const BLOCK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

export interface LineTail {
  /** Reads what is there now, at most up to the given offset; resolves with the number of bytes read. */
  readonly read: (upTo: number) => Promise<number>;
  /** Hands out a last line that has no line feed. */
  readonly end: () => void;
  /** Bytes read since the beginning. */
  readonly offset: () => number;
}

/**
 * Follows a growing file line by line in blocks of fixed size, so that its length costs no memory. A line longer
 * than `maxLineBytes` is cut there, marked, and its rest skipped. Invalid UTF-8 becomes U+FFFD.
 */
export function createLineTail(
  file: FileHandle,
  maxLineBytes: number,
  onLine: (line: string) => void,
): LineTail {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let lineBytes = 0;
  let position = 0;

  function add(bytes: Buffer): void {
    const room = Math.max(0, maxLineBytes - lineBytes);
    if (room > 0) parts.push(decoder.write(bytes.length > room ? bytes.subarray(0, room) : bytes));
    lineBytes += bytes.length;
  }

  function finishLine(): void {
    const cut = lineBytes > maxLineBytes ? `… [line cut: ${lineBytes} bytes]` : '';
    const line = parts.join('') + (cut === '' ? decoder.end() : '') + cut;
    decoder = new StringDecoder('utf8');
    parts = [];
    lineBytes = 0;
    onLine(line);
  }

  function consume(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      add(bytes.subarray(from, at));
      finishLine();
      from = at + 1;
    }
    if (from < bytes.length) add(bytes.subarray(from));
  }

  return {
    async read(upTo) {
      let total = 0;
      for (;;) {
        const wanted = Math.min(BLOCK_BYTES, upTo - position);
        if (wanted <= 0) return total;
        const { bytesRead } = await file.read(block, 0, wanted, position);
        if (bytesRead === 0) return total;
        position += bytesRead;
        total += bytesRead;
        consume(block.subarray(0, bytesRead));
      }
    },
    end() {
      if (lineBytes > 0) finishLine();
    },
    offset: () => position,
  };
}
