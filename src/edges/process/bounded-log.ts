import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFully } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';

export interface BoundedLog {
  readonly add: (line: string) => void;
  /** Writes what was added since the last time and is not written yet. */
  readonly flush: () => void;
  /** Makes the file even though nothing was added: its emptiness is what there is to see. */
  readonly make: () => void;
  readonly close: () => void;
}

const MOST_PENDING = 64 * 1024;

/**
 * A log file for one attempt (0600), made with its first line: what comes after `maxBytes` is not kept, and the
 * file says so. A disk that fills up costs the rest of the log, not the attempt.
 */
export function openBoundedLog(path: string, maxBytes: number): BoundedLog {
  let file: number | undefined;
  let size = 0;
  let full = false;
  let pending: string[] = [];
  let pendingBytes = 0;

  function guarded(write: () => void): void {
    try {
      write();
    } catch {
      full = true;
    }
  }

  function flush(): void {
    if (pending.length === 0) return;
    const text = pending.join('');
    pending = [];
    pendingBytes = 0;
    guarded(() => {
      file ??= openInside(path);
      writeFully(file, Buffer.from(text));
    });
  }

  return {
    add(line) {
      if (full) return;
      const bytes = Buffer.byteLength(line) + 1;
      if (size + bytes > maxBytes) {
        full = true;
        pending.push(`[log cut at ${maxBytes} bytes: later output was not kept]\n`);
        return;
      }
      size += bytes;
      pendingBytes += bytes;
      pending.push(line, '\n');
      // Written before it lives long enough to cost the collector of garbage anything.
      if (pendingBytes > MOST_PENDING) flush();
    },
    flush,
    make() {
      guarded(() => {
        file ??= openInside(path);
      });
    },
    close() {
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function openInside(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'a', 0o600);
  }
}
