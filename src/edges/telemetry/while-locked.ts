import { claimWithin } from '../files/claim.ts';

const LONGEST_WAIT_MS = 5_000;

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
