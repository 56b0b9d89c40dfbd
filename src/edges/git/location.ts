import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import { gitLine, runGit } from './command.ts';

/** Where the parts of a repository lie. All absolute. */
export interface Location {
  /** Root of this working tree. */
  readonly root: string;
  /** Root of the main working tree; of this one where the repository is bare. */
  readonly mainRoot: string;
  /** This working tree's own part of the repository. */
  readonly gitDir: string;
  /** What all working trees share. */
  readonly commonDir: string;
}

/** Finds the repository around a directory. */
export async function locate(cwd: string): Promise<Result<Location>> {
  // One question each: a directory's name may hold a newline.
  const top = await path(cwd, '--show-toplevel');
  if (!top.ok) return top;
  const gitDir = await path(cwd, '--absolute-git-dir');
  if (!gitDir.ok) return gitDir;
  const commonDir = await path(cwd, '--git-common-dir');
  if (!commonDir.ok) return commonDir;
  const found = { root: top.value, gitDir: gitDir.value, commonDir: resolve(cwd, commonDir.value) };
  return ok({ ...found, mainRoot: await mainRootOf(found) });
}

async function path(cwd: string, question: string): Promise<Result<string>> {
  const output = await runGit(['rev-parse', question], { cwd });
  return output.ok ? ok(output.value.toString('utf8').replace(/\r?\n$/, '')) : output;
}

async function mainRootOf(found: Omit<Location, 'mainRoot'>): Promise<string> {
  if ((await real(found.gitDir)) === (await real(found.commonDir))) return found.root;
  if (basename(found.commonDir) === '.git') return dirname(found.commonDir);
  // A submodule keeps its repository elsewhere and names its working tree in its configuration.
  const named = await gitLine(['config', '--file', resolve(found.commonDir, 'config'), 'core.worktree'], {
    cwd: found.root,
  });
  return named.ok && named.value ? resolve(found.commonDir, named.value) : found.root;
}

async function real(directory: string): Promise<string> {
  return realpath(directory).catch(() => directory);
}
