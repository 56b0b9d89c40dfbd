import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';

const MARKERS = ['.claude', '.blueprint', '.git'];

/**
 * Root of the project around `cwd`: the nearest directory upwards with `.claude`, `.blueprint` or `.git`.
 * In a linked git worktree it is the same place in the main working tree, where state lives
 * (spec: protocols, working tree). Git is not started: its files say it. Undefined outside of any project.
 */
export function findProjectRoot(cwd: string): string | undefined {
  const found = upwards(resolve(cwd)).find(isProject);
  return found === undefined ? undefined : inMainWorktree(found);
}

/** Claude Code keeps its own settings in `~/.claude`; that does not make the home directory a project. */
function isProject(directory: string): boolean {
  const markers = directory === homedir() ? MARKERS.slice(1) : MARKERS;
  return markers.some((marker) => existsSync(join(directory, marker)));
}

function inMainWorktree(root: string): string {
  const worktree = upwards(root).find((directory) => existsSync(join(directory, '.git')));
  if (worktree === undefined) return root;
  const main = mainOf(worktree);
  if (main === undefined) return root;
  const twin = join(main, relative(worktree, root));
  return existsSync(twin) ? twin : main;
}

/** Only a linked worktree has a `.git` file whose directory names a `commondir`; a submodule has none. */
function mainOf(worktree: string): string | undefined {
  try {
    const link = join(worktree, '.git');
    if (!lstatSync(link).isFile()) return undefined;
    const target = /^gitdir: (.+)$/m.exec(readFileSync(link, 'utf8'))?.[1];
    if (target === undefined) return undefined;
    const gitDirectory = resolve(worktree, target.trim());
    const common = resolve(gitDirectory, readFileSync(join(gitDirectory, 'commondir'), 'utf8').trim());
    return basename(common) === '.git' ? dirname(common) : undefined;
  } catch {
    return undefined;
  }
}

function upwards(from: string): string[] {
  const directories = [from];
  for (let at = from; dirname(at) !== at; at = dirname(at)) directories.push(dirname(at));
  return directories;
}
