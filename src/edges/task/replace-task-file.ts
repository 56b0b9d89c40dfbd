import { closeSync, fchmodSync, fdatasyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncDirectory, writeFully } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';

/**
 * Puts bytes in the place of a file, or makes a new one: whoever reads it sees the old or the new, whole, also after a
 * crash. Permissions stay. Only for the holder of the lock, whose directory holds the file until it is complete.
 * Throws the system's error; the old file is untouched then.
 */
export function replaceTaskFile(path: string, bytes: readonly Uint8Array[], scratch: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  try {
    replaceBy(path, bytes, join(scratch, `${basename(path)}.new`), mode);
  } catch (error) {
    // A directory of another file system, reached through a link.
    if (errorCode(error) !== 'EXDEV') throw error;
    replaceBy(path, bytes, `${path}.new`, mode);
  }
  syncDirectory(dirname(path));
}

function replaceBy(
  path: string,
  bytes: readonly Uint8Array[],
  temporary: string,
  mode: number | undefined,
): void {
  try {
    // What a writer that died left there is written over.
    const fd = openSync(temporary, 'w', 0o666);
    try {
      for (const part of bytes) writeFully(fd, part);
      if (mode !== undefined) fchmodSync(fd, mode & 0o7777);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
