import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import {
  BLUEPRINT_PLACES,
  isOwnConfigName,
  isSecretFileName,
  OWN_GIT_PLACES,
  SHARED_GIT_PLACES,
} from '../../core/agent/protected-files.ts';
import { STARTUP_PLACES } from '../../core/agent/startup-files.ts';
import { readTextBounded } from '../files/bounded-read.ts';

/**
 * What a protected file is: `startup` makes an agent run code, `git` makes git do so, `blueprint` says what stages do.
 * `secret` and `config` are a person's, and are written to by hand at any time.
 */
export type Group = 'startup' | 'git' | 'blueprint' | 'secret' | 'config';

/** Where protected files may lie. */
export interface Place {
  readonly group: Group;
  /** Absolute; of `names` the directory. */
  readonly path: string;
  readonly form: 'file' | 'tree' | 'names';
  /** With `names`: which files of the directory. */
  readonly fits?: (name: string) => boolean;
  /** Absolute path to which the names for people are relative. */
  readonly shownFrom: string;
}

/** Of a directory in which agents work: the root of the project, or one below it. */
export function placesOfDirectory(root: string, directory: string): readonly Place[] {
  const shownFrom = root;
  return [
    ...STARTUP_PLACES.map(
      ({ path, form }): Place => ({ group: 'startup', path: join(directory, path), form, shownFrom }),
    ),
    { group: 'secret', path: directory, form: 'names', fits: isSecretFileName, shownFrom },
  ];
}

/** Of the project as a whole. */
export function placesOfProject(root: string, stateDirectory: string): readonly Place[] {
  return [
    ...BLUEPRINT_PLACES.map(
      (path): Place => ({ group: 'blueprint', path: join(root, path), form: 'tree', shownFrom: root }),
    ),
    { group: 'config', path: stateDirectory, form: 'names', fits: isOwnConfigName, shownFrom: root },
    ...placesOfRepository(root),
  ];
}

/** The directories from the root down to where an agent works, these two included. */
export function directoriesDownTo(root: string, cwd: string): readonly string[] {
  const way = relative(root, cwd);
  if (way === '' || way.startsWith('..') || resolve(root, way) !== resolve(cwd)) return [root];
  const parts = way.split(sep);
  return [root, ...parts.map((_, index) => join(root, ...parts.slice(0, index + 1)))];
}

function placesOfRepository(root: string): readonly Place[] {
  const found = repositoryAround(root);
  if (found === undefined) return [];
  const { dotGit, gitDir, commonDir } = found;
  const of = (directory: string, places: typeof SHARED_GIT_PLACES): Place[] =>
    places.map((path) => ({
      group: 'git',
      path: join(directory, path),
      form: path === 'hooks' ? 'tree' : 'file',
      shownFrom: dirname(commonDir),
    }));
  return [
    ...of(commonDir, SHARED_GIT_PLACES),
    ...of(gitDir, OWN_GIT_PLACES),
    // Of another working tree it is a file that says where the rest lies.
    ...(gitDir === commonDir
      ? []
      : [{ group: 'git', path: dotGit, form: 'file', shownFrom: dirname(dotGit) } as const]),
  ];
}

/** By the files alone, without asking git. */
function repositoryAround(root: string): { dotGit: string; gitDir: string; commonDir: string } | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    const dotGit = join(directory, '.git');
    const found = lstatSync(dotGit, { throwIfNoEntry: false });
    if (found?.isFile() === true) {
      const gitDir = pathIn(dotGit, /^gitdir: (.+)$/m, directory);
      if (gitDir === undefined) return undefined;
      const commonDir = pathIn(join(gitDir, 'commondir'), /^(.+)$/m, gitDir) ?? gitDir;
      return { dotGit, gitDir, commonDir };
    }
    if (found !== undefined) {
      const gitDir = realpathSync(dotGit);
      return { dotGit, gitDir, commonDir: gitDir };
    }
    if (dirname(directory) === directory) return undefined;
  }
}

function pathIn(file: string, form: RegExp, from: string): string | undefined {
  const text = readTextBounded(file, 64 * 1024);
  const named = text.ok ? form.exec(text.value ?? '')?.[1] : undefined;
  return named === undefined ? undefined : resolve(from, named.trim());
}
