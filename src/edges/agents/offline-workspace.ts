import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/** The project as the offline runner reads and writes it; paths are relative to its root and never leave it. */
export interface OfflineWorkspace {
  /** Undefined when the file is not there. */
  read(path: string): Result<string | undefined>;
  write(path: string, text: string): Result<'create' | 'update'>;
  /** Names in a directory; empty when it is not there. */
  names(directory: string): readonly string[];
}

export function openWorkspace(root: string): OfflineWorkspace {
  return {
    read(path) {
      const inside = insideOf(root, path);
      return inside.ok ? readTextBounded(inside.value, MAX_BYTES) : inside;
    },
    write(path, text) {
      const inside = insideOf(root, path);
      if (!inside.ok) return inside;
      try {
        const kind = existing(inside.value) === undefined ? 'create' : 'update';
        mkdirSync(dirname(inside.value), { recursive: true });
        writeFileSync(inside.value, text);
        return ok(kind);
      } catch (error) {
        return fail(
          problem(path, `cannot be written: ${error instanceof Error ? error.message : String(error)}`),
        );
      }
    },
    names(directory) {
      const inside = insideOf(root, directory);
      if (!inside.ok) return [];
      try {
        return readdirSync(inside.value);
      } catch {
        return []; // Not there, or no directory: nothing is in it.
      }
    },
  };
}

/** The absolute path, unless `..` or a symbolic link on the way leads out of the root. */
function insideOf(root: string, path: string): Result<string> {
  const absolute = join(root, path);
  const nearest = nearestExisting(absolute);
  const away = relative(realpathSync(root), nearest);
  if (away === '..' || away.startsWith(`..${sep}`)) return fail(problem(path, 'leads out of the project'));
  return ok(absolute);
}

/** The real path of the deepest part that exists. */
function nearestExisting(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : nearestExisting(parent);
  }
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function problem(path: string, message: string): Problem {
  return { code: 'offline-file', message, file: path };
}
