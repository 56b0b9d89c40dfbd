import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { installProblem } from './install.ts';

/**
 * Writes a file that a person will own. One that is there already is only replaced with `force`: the problem then has
 * the code `file-exists`, also when two processes try at the same instant, or a symbolic link leads to nothing.
 */
export function writeNewFile(path: string, text: string, force: boolean): Result<void> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (force && isPlainFile(path)) writeFileAtomic(path, text, { mode: 0o644 });
    else writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
    return ok(undefined);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') return fail(installProblem(error, path, 'cannot write'));
    return fail({
      code: 'file-exists',
      message: force ? 'something other than a plain file is there' : 'the file is there already',
      file: path,
      hint: force
        ? 'move it away, or name another file'
        : 'name another file, or add --force to replace this one',
    });
  }
}

/** A link is left to the exclusive write, which refuses it: replacing it would cut what its owner set up. */
function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
