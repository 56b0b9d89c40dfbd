import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { globMatcher } from '../../core/glob/match.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { fileProblem } from '../files/file-problem.ts';
import { insideRoot } from './inside-root.ts';

/** Entries of directories that one search looks at; a project with more needs a narrower glob. */
const MOST_ENTRIES = 500_000;
/** Not the project's own files, and large. */
const PASSED_OVER = new Set(['.git']);

/**
 * Files below a directory of the project that any of the globs matches, relative to that directory, sorted, at most
 * `limit`. Only the directories that a glob can reach are walked; links are not followed, so that no loop and nothing
 * outside is met, but a link to a file counts as one. A directory that is not there holds nothing.
 */
export function findFiles(
  root: string,
  globs: readonly string[],
  directory: string,
  limit: number,
): Result<readonly string[]> {
  const place = insideRoot(realpathSync.native(root), directory === '' ? '.' : directory);
  if (!place.ok) return place;
  const matches = globMatcher(globs);
  const found: string[] = [];
  let looked = 0;
  for (const start of startsOf(globs)) {
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const entries = entriesOf(join(place.value, at));
      if (!entries.ok) return entries;
      looked += entries.value.length;
      if (looked > MOST_ENTRIES) return fail(tooMany(directory));
      for (const entry of entries.value) {
        const path = at === '' ? entry.name : `${at}/${entry.name}`;
        if (entry.isDirectory()) {
          if (!PASSED_OVER.has(entry.name)) open.push(path);
        } else if (isFile(entry, join(place.value, path)) && matches(path)) found.push(path);
      }
    }
  }
  return ok(found.sort(byText).slice(0, limit));
}

/** True if the path is a directory inside the project, whatever links lead to it. */
export function isProjectDirectory(root: string, path: string): boolean {
  // Nearly always the root itself, which no link can lead out of.
  if (path === '' || path === '.') return statSync(root, { throwIfNoEntry: false })?.isDirectory() === true;
  const place = insideRoot(realpathSync.native(root), path);
  if (!place.ok) return false;
  try {
    return lstatSync(realpathSync.native(place.value)).isDirectory();
  } catch {
    return false;
  }
}

/** Directories where the globs begin, without one that lies below another: the words before the first special one. */
function startsOf(globs: readonly string[]): string[] {
  const starts = globs.flatMap((glob) => {
    if (glob.startsWith('!')) return [];
    const words = glob.replace(/^\.\//, '').split('/').slice(0, -1);
    const special = words.findIndex((word) => /[*?+[\]{}\\!]/.test(word));
    return [(special < 0 ? words : words.slice(0, special)).join('/')];
  });
  const unique = [...new Set(starts)].sort(byText);
  return unique.filter(
    (start) =>
      !unique.some((other) => other !== start && (other === '' || start.startsWith(`${other}/`))) &&
      !start.split('/').includes('..'),
  );
}

function entriesOf(directory: string): Result<readonly Dirent[]> {
  try {
    if (lstatSync(directory).isSymbolicLink()) return ok([]);
    return ok(readdirSync(directory, { withFileTypes: true }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // It went away meanwhile, or was never there.
    if (code === 'ENOENT' || code === 'ENOTDIR') return ok([]);
    return fail(fileProblem(error, directory, 'cannot look into'));
  }
}

function isFile(entry: Dirent, path: string): boolean {
  if (entry.isFile()) return true;
  if (!entry.isSymbolicLink()) return false;
  try {
    return lstatSync(realpathSync.native(path)).isFile();
  } catch {
    return false;
  }
}

function byText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function tooMany(directory: string): Problem {
  return {
    code: 'too-many-files',
    message: `holds more than ${MOST_ENTRIES} files and directories`,
    file: directory === '' ? '.' : directory,
    hint: 'name a directory at the beginning of the glob',
  };
}
