import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface BoundedLog {
  readonly add: (line: string) => void;
  /** Writes what was added since the last time. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * A log file for one attempt (0600): what comes after `maxBytes` is not kept, and the file says so. A disk that
 * fills up costs the rest of the log, not the attempt.
 */
export async function openBoundedLog(path: string, maxBytes: number): Promise<BoundedLog> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  let size = 0;
  let full = false;
  let pending: string[] = [];

  async function flush(): Promise<void> {
    if (pending.length === 0) return;
    const text = pending.join('');
    pending = [];
    await file.write(text).catch(() => {
      full = true;
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
      pending.push(`${line}\n`);
    },
    flush,
    async close() {
      await flush();
      await file.close().catch(() => {});
    },
  };
}
