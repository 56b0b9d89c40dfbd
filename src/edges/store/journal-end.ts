import { closeSync, fstatSync, openSync } from 'node:fs';
import { readRange } from '../files/bounded-read.ts';

/** The end of a journal, looked at without reading all of it. */
export interface JournalEnd {
  /** False if a line there is not JSON; the lines before are not looked at. */
  readonly isWhole: boolean;
  /** Time of the last event that says something about the run; undefined if none could be told. */
  readonly lastAt?: string;
}

const LOOKED_AT_BYTES = 64 << 10;
/** A mark of whoever keeps the books: it changes nothing that a reader is told. */
const BOOKKEEPING = 'history.recorded';

/** Looks at the last lines of a journal; undefined if there is none or it cannot be read. */
export function lookAtJournalEnd(path: string): JournalEnd | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - LOOKED_AT_BYTES);
    return endOf(readRange(fd, from, size - from).toString('utf8'), from > 0);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** What follows the last line end was never acted upon; what stands before the first may be half a line. */
function endOf(text: string, isCut: boolean): JournalEnd {
  const lines = text.split('\n').slice(isCut ? 1 : 0, -1);
  let lastAt: string | undefined;
  for (const line of lines) {
    try {
      const event: unknown = JSON.parse(line);
      lastAt = timeOf(event) ?? lastAt;
    } catch {
      return { isWhole: false };
    }
  }
  return { isWhole: true, ...(lastAt === undefined ? {} : { lastAt }) };
}

function timeOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('at' in event)) return undefined;
  if ('type' in event && event.type === BOOKKEEPING) return undefined;
  return typeof event.at === 'string' ? event.at : undefined;
}
