import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { claimWithin } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';

const LOCK_WAIT_MS = 10_000;

/**
 * Runs a change of the task files below a root alone among all processes of ours. What that needs lies in `tasks/.lock`,
 * which git does not see: wherever a state directory is, all writers of the same files meet there.
 */
export function whileTasksLocked<T>(root: string, change: (scratch: string) => Result<T>): Result<T> {
  const directory = join(root, 'tasks', '.lock');
  try {
    makePrivateDirectory(directory);
    const ignore = join(directory, '.gitignore');
    if (!existsSync(ignore)) writeFileAtomic(ignore, '*\n');
    const claim = claimWithin(directory, 'tasks', LOCK_WAIT_MS);
    if (claim === undefined)
      return fail({
        code: 'tasks-locked',
        message: `another process has been changing tasks for ${LOCK_WAIT_MS / 1000} s`,
        file: directory,
        hint: 'wait for it to end and try again',
      });
    try {
      return change(directory);
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, join(root, 'tasks'), 'cannot change tasks'));
  }
}
