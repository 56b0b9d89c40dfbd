import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from './file-problem.ts';

export interface AtomicWriteOptions {
  /** Permission bits of the new file. Default 0600: state may carry what agents said. */
  readonly mode?: number;
  /** Survive a power cut, not only a crash: syncs the file and its directory. Default false. */
  readonly durable?: boolean;
}

let counter = 0;

/**
 * Replaces a file so that a reader at any instant sees the old or the new content, whole.
 * Throws the system's error; the old file is untouched then and no temporary file is left.
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): void {
  counter += 1;
  const temporary = `${path}.${process.pid}.${counter}.tmp`;
  const fd = openSync(temporary, 'w', options.mode ?? 0o600);
  try {
    try {
      writeFully(fd, typeof content === 'string' ? Buffer.from(content) : content);
      if (options.durable === true) fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  if (options.durable === true) syncDirectory(dirname(path));
}

/** Writes all bytes at a position (or at the file's own), however few the system takes at a time. */
export function writeFully(fd: number, bytes: Uint8Array, position: number | null = null): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/** Makes the names in a directory durable. Does nothing where directories cannot be opened. */
export function syncDirectory(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // Some file systems refuse to sync a directory; the rename itself has happened.
  } finally {
    closeSync(fd);
  }
}

/** Creates a directory for state: only its owner may look inside. */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') mkdirSync(firstMissing(path), { mode: 0o700 });
    throw error;
  }
}

/** Node says of a read-only file system that the directory is not there; made alone, the first one says why. */
function firstMissing(path: string): string {
  let first = resolve(path);
  while (!existsSync(dirname(first)) && dirname(first) !== first) first = dirname(first);
  return first;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The write failed before the file was there, or the disk is gone; the first error is the one to report.
  }
}
