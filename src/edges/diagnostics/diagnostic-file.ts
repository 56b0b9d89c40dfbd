import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { fileProblem } from '../files/file-problem.ts';

/** Keeps the details of a failed segment, for its owner alone; answers with the file's absolute path. */
export function writeDiagnostic(runDirectory: string, runId: string, text: string): Result<string> {
  const directory = join(runDirectory, 'diagnostics');
  const path = join(directory, `${runId}.txt`);
  try {
    makePrivateDirectory(directory);
    writeFileAtomic(path, text);
    return ok(path);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot write the diagnostic'));
  }
}
