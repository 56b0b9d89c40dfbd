import { fstatSync, readSync } from 'node:fs';

/** Bytes that can be read at any position: a file, or a file as it will look once a broken append is healed. */
export interface Source {
  readonly size: number;
  /** Fills `target` from `targetStart` with bytes from `position`; answers how many there were. */
  readInto(target: Buffer, targetStart: number, position: number, length: number): number;
}

/** An open file as it is. */
export function fileSource(fd: number): Source {
  return {
    size: fstatSync(fd).size,
    readInto(target, targetStart, position, length) {
      let done = 0;
      while (done < length) {
        const read = readSync(fd, target, targetStart + done, length - done, position + done);
        if (read === 0) break;
        done += read;
      }
      return done;
    },
  };
}

/** The bytes from `start` to `end`, as far as the source has them. */
export function slice(source: Source, start: number, end: number): Buffer {
  const length = Math.max(0, Math.min(end, source.size) - start);
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, source.readInto(bytes, 0, start, length));
}
