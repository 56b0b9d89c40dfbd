import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { fileProblem } from './file-problem.ts';

/** A private directory outside of any project, for as long as something needs one. */
export interface TemporaryDirectory {
  /** Absolute, links followed. */
  readonly path: string;
  /** Removes it with all that is in it; a problem names what stays. */
  remove(): Result<void>;
}

/** Makes a directory below the system's own, with these directories in it. */
export function makeTemporaryDirectory(
  prefix: string,
  names: readonly string[],
): Result<TemporaryDirectory, Problem> {
  const parent = tmpdir();
  try {
    const path = realpathSync(mkdtempSync(join(parent, prefix)));
    for (const name of names) mkdirSync(join(path, name), { mode: 0o700 });
    return ok({ path, remove: () => remove(path) });
  } catch (error) {
    const hint = 'free space, or let TMPDIR name a directory that can be written';
    return fail({ ...fileProblem(error, parent, 'cannot make a directory'), hint });
  }
}

function remove(path: string): Result<void> {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot remove'));
  }
}
