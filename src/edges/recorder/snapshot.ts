import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';
import { type Place, placeOfHistory } from './place.ts';
import { type PendingAppend, pendingState, readPending } from './side-journal.ts';
import { fileSource, type Source, slice } from './source.ts';

/** A history file frozen at one instant: appends that happen while it is read do not show. */
export interface Snapshot extends Source {
  close(): void;
}

/** Appends change only the last bytes of a file; this much of its end is kept in memory. */
const TAIL_BYTES = 64 * 1024;
const ATTEMPTS = 100;

/**
 * Opens a history file for reading, as a whole array even while a writer is in the middle of an append or
 * has died there: what the side journal says is laid over the file. Nothing is written. Undefined: no file.
 */
export function openSnapshot(file: string): Result<Snapshot | undefined> {
  let fd: number | undefined;
  try {
    const place = placeOfHistory(file);
    for (let attempt = 1; ; attempt += 1) {
      const pending = readPending(place.pendingPath);
      fd = openForReading(place);
      if (fd === undefined) return ok(undefined);
      const before = fstatSync(fd);
      if (!before.isFile()) {
        closeSync(fd);
        return fail({ code: 'not-a-file', message: 'is not a regular file', file });
      }
      const snapshot = freeze(fd, pending);
      const stable = sameFile(before, fstatSync(fd)) && samePending(pending, readPending(place.pendingPath));
      if (stable || attempt === ATTEMPTS) return ok(snapshot);
      closeSync(fd);
      fd = undefined;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return fail(fileProblem(error, file, 'cannot read'));
  }
}

function freeze(fd: number, pending: PendingAppend | undefined): Snapshot {
  const source = fileSource(fd);
  const redo = pending !== undefined && pendingState(pending, source) === 'redo';
  const cut = redo ? pending.offset : Math.max(0, source.size - TAIL_BYTES);
  const tail = redo ? pending.replacement : slice(source, cut, source.size);
  return {
    size: cut + tail.length,
    readInto(target, targetStart, position, length) {
      const inFile = Math.max(0, Math.min(length, cut - position));
      const fromFile = inFile === 0 ? 0 : source.readInto(target, targetStart, position, inFile);
      if (fromFile < inFile) return fromFile;
      const tailStart = Math.max(0, position - cut);
      return fromFile + tail.copy(target, targetStart + fromFile, tailStart, tailStart + length - fromFile);
    },
    close: () => closeSync(fd),
  };
}

/** Not blocking, so that a FIFO in its place cannot hang a command. */
function openForReading(place: Place): number | undefined {
  try {
    return openSync(place.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function sameFile(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs;
}

function samePending(before: PendingAppend | undefined, after: PendingAppend | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.offset === after.offset && before.replacement.equals(after.replacement);
}
