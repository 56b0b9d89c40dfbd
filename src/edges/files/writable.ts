import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from './atomic-write.ts';
import { fileProblem } from './file-problem.ts';

/** Creates a directory for state and proves by a small file that it takes writes. */
export function canWriteInto(directory: string): Result<void> {
  const probe = join(directory, `.probe-${process.pid}`);
  try {
    makePrivateDirectory(directory);
    writeFileAtomic(probe, 'x');
    unlinkSync(probe);
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, directory, 'cannot write into this directory'));
  }
}
