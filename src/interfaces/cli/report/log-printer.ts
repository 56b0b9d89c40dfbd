import { type LogSource, nextOfLog } from '../../../compose/pipeline/logs.ts';
import { plainText } from '../../../core/agent/plain-text.ts';
import type { Problem } from '../../../core/problem.ts';
import { oneLine } from './one-line.ts';

const NEWLINE = 0x0a;

/** Prints logs piece by piece, each under a heading; knows how far it came. */
export interface LogPrinter {
  /** What is new in a log; of one that still grows whole lines only. A problem when it cannot be read. */
  print(source: LogSource, grows: boolean): Promise<Problem | undefined>;
}

/** On a terminal escapes and control characters are taken out; elsewhere a log comes out as it was stored. */
export function createLogPrinter(stream: NodeJS.WriteStream): LogPrinter {
  const positions = new Map<string, number>();
  let current: string | undefined;
  return {
    async print(source, grows) {
      const isNew = !positions.has(source.file);
      let position = positions.get(source.file) ?? 0;
      if (isNew && !grows) head(source);
      for (;;) {
        const read = nextOfLog(source, position);
        if (!read.ok) return read.error;
        if (read.value === undefined) {
          if (!grows && isNew) await write(Buffer.from('(nothing was printed, or this log was removed)\n'));
          break;
        }
        const piece = grows ? wholeLines(read.value) : read.value;
        if (piece.length === 0) break;
        if (current !== source.file) head(source);
        await write(piece);
        position += piece.length;
      }
      if (position > 0 || !grows) positions.set(source.file, position);
      return undefined;
    },
  };

  function head({ stage, title, outcome, file }: LogSource): void {
    current = file;
    stream.write(`── ${oneLine(stage ?? 'export')} · ${title} · ${oneLine(outcome, 40)}\n`);
  }

  /** Waits while the stream is full, so that a long log is not gathered in memory. */
  async function write(bytes: Buffer): Promise<void> {
    const shown = stream.isTTY === true ? plainText(bytes.toString('utf8')) : bytes;
    if (!stream.write(shown)) await new Promise((resolve) => stream.once('drain', resolve));
  }
}

/** A line is longer than is read at once: it is shown in pieces. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(NEWLINE);
  return end >= 0 ? bytes.subarray(0, end + 1) : bytes.length >= 1 << 16 ? bytes : bytes.subarray(0, 0);
}
