import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { fileProblem } from '../files/file-problem.ts';
import { insideRoot } from './inside-root.ts';

/**
 * Makes a directory of the project with all above it, unless it is there, and answers with where it really lies,
 * relative to the root; `.` is the root itself. Problem: `outside-project` where the path or a link on the way leads out.
 */
export function makeProjectDirectory(root: string, path: string): Result<string> {
  const realRoot = realpathSync.native(root);
  const place = insideRoot(realRoot, path);
  if (!place.ok) return place;
  try {
    mkdirSync(place.value, { recursive: true });
    const real = realpathSync.native(place.value);
    if (!lstatSync(real).isDirectory())
      return fail({ code: 'not-a-directory', message: 'is no directory', file: path });
    // A link may have come in its way meanwhile.
    const way = insideRoot(realRoot, relative(realRoot, real) || '.');
    return way.ok ? ok(relative(realRoot, real) || '.') : way;
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot make the directory'));
  }
}
