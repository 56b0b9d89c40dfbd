import { dirname, join } from 'node:path';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { claimWithin } from '../files/claim.ts';

const LONGEST_WAIT_MS = 5_000;

/** Where the claims on a telemetry file lie: beside it, out of sight. Created if it is not there. */
export function lockDirectory(path: string): string {
  const directory = join(dirname(path), '.telemetry-lock');
  makePrivateDirectory(directory);
  return directory;
}

/** Runs a short critical section alone among all processes; false when the lock did not come free or `change` said so. */
export function whileLocked(directory: string, name: string, change: () => boolean): boolean {
  const claim = claimWithin(directory, name, LONGEST_WAIT_MS);
  if (claim === undefined) return false;
  try {
    return change();
  } finally {
    claim.release();
  }
}
