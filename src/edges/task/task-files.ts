import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';

/** A file that may hold a task. */
export interface TaskFile {
  readonly path: string;
  /** Relative to the root, with slashes, as people are shown it: `tasks/10-ready/task-x.md`. */
  readonly shown: string;
  /** The directory below `tasks/`. */
  readonly directory: string;
  readonly name: string;
}

export interface TaskFiles {
  /** By directory and name. */
  readonly files: readonly TaskFile[];
  /** Directories and links that cannot be read. */
  readonly problems: readonly Problem[];
}

/** Every `*.md` one level below any directory in `tasks/` (spec: tasks, files). Nothing is opened. */
export function listTaskFiles(root: string): TaskFiles {
  const problems: Problem[] = [];
  const top = join(root, 'tasks');
  const directories = namesIn(top, 'tasks', problems, (entry) => isWanted(entry, top, 'directory', problems));
  const files = directories.flatMap((directory) => {
    const path = join(top, directory);
    const shown = `tasks/${directory}`;
    const names = namesIn(
      path,
      shown,
      problems,
      (entry) => entry.name.endsWith('.md') && isWanted(entry, path, 'file', problems),
    );
    return names.map((name) => fileIn(path, shown, directory, name));
  });
  return { files, problems };
}

/**
 * The same, of only the files whose names `isMeant` lets through: a file is found among ten thousand in little more time
 * than its directory takes to be read.
 */
export function namedTaskFiles(root: string, isMeant: (name: string) => boolean): readonly TaskFile[] {
  const top = join(root, 'tasks');
  return namesIn(top, 'tasks', [], (entry) => isWanted(entry, top, 'directory', [])).flatMap((directory) => {
    const path = join(top, directory);
    return plainNames(path)
      .filter((name) => name.endsWith('.md') && !name.startsWith('.') && isMeant(name))
      .sort()
      .map((name) => fileIn(path, `tasks/${directory}`, directory, name))
      .filter((file) => isFile(file.path));
  });
}

function fileIn(path: string, shown: string, directory: string, name: string): TaskFile {
  return { path: `${path}${sep}${name}`, shown: `${shown}/${name}`, directory, name };
}

/** A directory that cannot be read holds none; a listing tells why. */
function plainNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function namesIn(
  path: string,
  shown: string,
  problems: Problem[],
  isWantedHere: (entry: Dirent) => boolean,
): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && isWantedHere(entry))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(fileProblem(error, shown, 'cannot read this directory'));
    return [];
  }
}

/** A link is what it leads to; one that leads nowhere or to itself is a problem. Pipes and devices are passed over. */
function isWanted(entry: Dirent, parent: string, kind: 'file' | 'directory', problems: Problem[]): boolean {
  if (entry.isFile() || entry.isDirectory()) return entry.isFile() === (kind === 'file');
  const path = join(parent, entry.name);
  try {
    const stat = statSync(path);
    return kind === 'file' ? stat.isFile() : stat.isDirectory();
  } catch (error) {
    problems.push(fileProblem(error, path, 'cannot follow this link'));
    return false;
  }
}
