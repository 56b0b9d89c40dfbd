import { basename, dirname, join } from 'node:path';
import { fail, type Result } from '../../core/result.ts';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { claimWithin } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';
import { followLinks } from '../files/follow-links.ts';

/** Where a history file really is and what stands beside it. Two links to one file share all of it. */
export interface Place {
  readonly path: string;
  readonly lockDirectory: string;
  readonly lockName: string;
  /** The side journal. */
  readonly pendingPath: string;
  /** A new file grows here, under the lock, until it is renamed into place. */
  readonly newPath: string;
}

const LOCK_WAIT_MS = 10_000;

export function placeOfHistory(file: string): Place {
  const path = followLinks(file);
  const lockDirectory = join(dirname(path), '.history-lock');
  const lockName = basename(path);
  return {
    path,
    lockDirectory,
    lockName,
    pendingPath: join(lockDirectory, `${lockName}.pending`),
    newPath: join(lockDirectory, `${lockName}.new`),
  };
}

/** Runs a change of the history file alone among all processes of ours. Errors of the system become problems. */
export function changeHistory<T>(
  file: string,
  doing: string,
  change: (place: Place) => Result<T>,
): Result<T> {
  try {
    const place = placeOfHistory(file);
    makePrivateDirectory(place.lockDirectory);
    const claim = claimWithin(place.lockDirectory, place.lockName, LOCK_WAIT_MS);
    if (claim === undefined) return fail(lockedProblem(file));
    try {
      return change(place);
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, file, doing));
  }
}

function lockedProblem(file: string) {
  return {
    code: 'history-locked',
    message: `another process has held this file for ${LOCK_WAIT_MS / 1000} s`,
    file,
    hint: 'wait for the other run to end and try again',
  };
}
