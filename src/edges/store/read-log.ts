import { closeSync, openSync } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { readRange } from '../files/bounded-read.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';

/** Up to `length` bytes of a log from `position`, empty at its end; undefined when there is no such file. */
export function readLog(path: string, position: number, length: number): Result<Buffer | undefined> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return ok(undefined);
    return fail(fileProblem(error, path, 'cannot read the log'));
  }
  try {
    return ok(readRange(fd, position, length));
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot read the log'));
  } finally {
    closeSync(fd);
  }
}
