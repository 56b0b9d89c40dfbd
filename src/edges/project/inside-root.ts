import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';

/** Absolute path of a relative one, if neither its words nor a link on the way lead out of the root. */
export function insideRoot(root: string, path: string): Result<string> {
  const absolute = resolve(root, normalize(path));
  if (isAbsolute(path) || path.includes('\0') || leaves(root, absolute)) return fail(outside(path));
  const existing = nearestExisting(absolute);
  if (existing !== undefined && leaves(root, existing)) return fail(outside(path));
  return ok(absolute);
}

/** Real path of the longest part of a path that exists. */
function nearestExisting(path: string): string | undefined {
  for (let part = path; ; part = dirname(part)) {
    try {
      return join(realpathSync.native(part), relative(part, path));
    } catch {
      if (dirname(part) === part) return undefined;
    }
  }
}

function leaves(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith('../') || isAbsolute(way);
}

function outside(path: string): Problem {
  return { code: 'outside-project', message: 'leads out of the project', file: path };
}
