import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The directory whose `tasks/` holds the tasks seen from `cwd`: the nearest upwards, but not beyond the repository that
 * `cwd` is in. Undefined where there is none.
 */
export function findTasksRoot(cwd: string): string | undefined {
  for (let at = resolve(cwd); ; at = dirname(at)) {
    if (isDirectory(join(at, 'tasks'))) return at;
    if (existsSync(join(at, '.git')) || dirname(at) === at) return undefined;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
