import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readTextBounded } from '../files/bounded-read.ts';

/** Where a project keeps its state and settings. All absolute. */
export interface Place {
  /** Root of the main working tree; the current directory outside of git. */
  readonly root: string;
  readonly stateDir: string;
  readonly dotenvPath: string;
}

export interface PlaceQuestion {
  readonly cwd: string;
  /** `--state-dir`, relative to `cwd`. */
  readonly stateDir?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const LARGEST_POINTER = 64 * 1024;

/**
 * Finds the project around a directory by looking at files alone: short commands cannot wait for git. A linked
 * working tree leads to the main one, where state lives (spec: protocols, working tree and git).
 */
export function findPlace(question: PlaceQuestion): Place {
  const root = mainRootAround(resolve(question.cwd));
  const named = question.stateDir || question.environment['MURMUR8_STATE_DIR'];
  return {
    root,
    stateDir: named ? resolve(question.cwd, named) : join(root, '.claude'),
    dotenvPath: join(root, '.env'),
  };
}

function mainRootAround(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const kind = kindOf(join(directory, '.git'));
    if (kind === 'directory') return directory;
    if (kind === 'file') return mainRootOfLinked(directory) ?? directory;
    if (dirname(directory) === directory) return cwd;
  }
}

/** A linked working tree's `.git` file names its own part of the repository, whose `commondir` names the shared one. */
function mainRootOfLinked(directory: string): string | undefined {
  const pointer = lineOf(join(directory, '.git'))?.replace(/^gitdir:\s*/, '');
  if (pointer === undefined) return undefined;
  const gitDir = resolve(directory, pointer);
  const shared = lineOf(join(gitDir, 'commondir'));
  if (shared === undefined) return undefined;
  const common = resolve(gitDir, shared);
  return basename(common) === '.git' ? dirname(common) : undefined;
}

function lineOf(path: string): string | undefined {
  const text = readTextBounded(path, LARGEST_POINTER);
  return text.ok ? text.value?.replace(/\r?\n$/, '') : undefined;
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return 'directory';
    return stat.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}
