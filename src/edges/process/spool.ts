import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../files/file-problem.ts';

export type StreamName = 'stdout' | 'stderr';

/** Two open files (descriptors) that take what a child prints. */
export interface Spool {
  readonly stdout: number;
  readonly stderr: number;
  /** `again`: its tree ended and left nobody who could still write, so that another child may have it. */
  readonly close: (then?: 'again') => void;
}

let opened = 0;

/** Spools that nobody uses, for the next child with the same directory. */
let idle: { readonly directory: string; readonly spools: Spool[] } = { directory: '', spools: [] };

/**
 * Files that take a child's output, readable by the owner only. Files and not pipes, because coding agents drop
 * what a slow reader has not taken when they exit. They hold unmasked text, so their names are taken away at once:
 * whatever happens to this process, none outlives it and the child. Used again where that is safe, because ext4 looks
 * through all files deleted in the last seconds before it makes one. Throws the system's error.
 */
export function openSpool(directory: string): Spool {
  while (idle.directory === directory) {
    const spool = idle.spools.pop();
    if (spool === undefined) break;
    if (isEmpty(spool)) return spool;
    // Somebody still writes there: a process that shed everything by which it could have been found.
    spool.close();
  }
  return newSpool(directory);
}

function newSpool(directory: string): Spool {
  const stdout = openNameless(directory, 'stdout');
  try {
    const stderr = openNameless(directory, 'stderr');
    const spool: Spool = {
      stdout,
      stderr,
      close(then) {
        if (then === 'again' && emptied(spool)) return keep(directory, spool);
        closeSync(stdout);
        closeSync(stderr);
      },
    };
    return spool;
  } catch (error) {
    closeSync(stdout);
    throw error;
  }
}

function keep(directory: string, spool: Spool): void {
  if (idle.directory !== directory) {
    for (const other of idle.spools) other.close();
    idle = { directory, spools: [] };
  }
  idle.spools.push(spool);
}

function isEmpty({ stdout, stderr }: Spool): boolean {
  return fstatSync(stdout).size === 0 && fstatSync(stderr).size === 0;
}

/** False on a disk that refuses. */
function emptied(spool: Spool): boolean {
  try {
    if (isEmpty(spool)) return true;
    ftruncateSync(spool.stdout, 0);
    ftruncateSync(spool.stderr, 0);
    return true;
  } catch {
    return false;
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
