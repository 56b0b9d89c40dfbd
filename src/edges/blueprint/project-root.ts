import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The nearest directory, from here upwards, that holds a `.blueprint/`. */
export function findProjectRoot(from: string): string | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = statSync(join(directory, '.blueprint'), { throwIfNoEntry: false });
    if (found?.isDirectory()) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

/**
 * Root of the working tree around a directory: the nearest one upwards that holds `.git`, else the nearest with a
 * `.blueprint/`. In a linked worktree it is that worktree, for files that belong to what is checked out.
 */
export function findWorkingTree(from: string): string | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    if (existsSync(join(directory, '.git'))) return directory;
    if (directory === dirname(directory)) return findProjectRoot(from);
  }
}
