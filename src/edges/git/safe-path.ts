import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';

/** Why a path may not be written to or deleted, if so: it would leave the working tree or reach into git itself. */
export function unsafePath(path: string): Problem | undefined {
  const parts = path.split('/');
  const bad =
    path === '' ||
    path.startsWith('/') ||
    path.includes('\0') ||
    parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
  if (!bad) return undefined;
  return { code: 'path-outside', message: `${JSON.stringify(path)} is not a file of the project` };
}

/** Is one of the directories above this path a symbolic link, so that the path is really somewhere else? */
export async function behindSymlink(root: string, path: string): Promise<boolean> {
  const parts = path.split('/').slice(0, -1);
  let directory = root;
  for (const part of parts) {
    directory = join(directory, part);
    const found = await lstat(directory).catch(() => undefined);
    if (found === undefined) return false;
    if (found.isSymbolicLink()) return true;
  }
  return false;
}
