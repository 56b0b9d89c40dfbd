import { constants } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** The real program has hundreds of megabytes; what stands in for it, a few kilobytes. */
const WRAPPER_BYTES = 64 * 1024;

/**
 * Packages in which npm put the native program of an agent: those with names that begin with `prefix`, beside
 * `packageName` or installed below it, in which `program` (a path that may be a link) is a small wrapper. Empty
 * when it is the native program itself, or from elsewhere. Absolute paths; the plainest name first.
 */
export async function platformPackages(
  program: string,
  packageName: string,
  prefix: string,
): Promise<readonly string[]> {
  const real = await realpath(program).catch(() => program);
  const folder = join(...packageName.split('/'));
  const at = real.lastIndexOf(`${sep}${folder}${sep}`);
  if (at < 0 || (await stat(real)).size > WRAPPER_BYTES) return [];
  const packageRoot = real.slice(0, at + 1 + folder.length);
  const found: string[] = [];
  for (const scope of [dirname(packageRoot), join(packageRoot, 'node_modules', dirname(folder))]) {
    const names = await readdir(scope).catch(() => []);
    // With both C libraries installed, the plain name is the common one.
    const fitting = names.filter((name) => name.startsWith(prefix)).sort();
    found.push(...fitting.map((name) => join(scope, name)));
  }
  return found;
}

/** The first of these paths that can be executed. */
export async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return undefined;
}
