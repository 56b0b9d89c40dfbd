import { rmSync } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { fileProblem } from '../files/file-problem.ts';
import { runDirectory } from './run-directory.ts';

/** Removes everything a run left in the state directory. The caller has made sure that it is over. */
export function removeRun(stateDirectory: string, executionId: string): Result<void> {
  const directory = runDirectory(stateDirectory, executionId);
  try {
    rmSync(directory, { recursive: true, force: true });
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, directory, 'cannot remove'));
  }
}
