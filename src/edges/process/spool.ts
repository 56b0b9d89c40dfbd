import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../files/file-problem.ts';

export type StreamName = 'stdout' | 'stderr';

/** Two open files (descriptors) that take what a child prints. */
export interface Spool {
  readonly stdout: number;
  readonly stderr: number;
  readonly close: () => void;
}

let opened = 0;

/**
 * Files that take a child's output, readable by the owner only. Files and not pipes, because coding agents drop
 * what a slow reader has not taken when they exit. They hold unmasked text, so their names are taken away at once:
 * whatever happens to this process, none outlives it and the child. Throws the system's error.
 */
export function openSpool(directory: string): Spool {
  const stdout = openNameless(directory, 'stdout');
  try {
    const stderr = openNameless(directory, 'stderr');
    return {
      stdout,
      stderr,
      close() {
        closeSync(stdout);
        closeSync(stderr);
      },
    };
  } catch (error) {
    closeSync(stdout);
    throw error;
  }
}

/** Appending, so that a child that empties the file, as a shell does for `> /dev/stderr`, leaves no hole in it. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

function openNameless(directory: string, stream: StreamName): number {
  opened += 1;
  const path = join(directory, `${stream}.${process.pid}.${opened}.spool`);
  const fd = openInside(directory, path);
  try {
    unlinkSync(path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The directory is nearly always there: it is made only once it turned out to be missing. */
function openInside(directory: string, path: string): number {
  try {
    return openSync(path, FLAGS, 0o600);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openSync(path, FLAGS, 0o600);
  }
}
