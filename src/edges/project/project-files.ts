import { lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ProjectFiles } from '../../engine/ports.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';

const DEFAULT_MAX_BYTES = 8 << 20;

/** Files of a working tree. A path that leaves it, also by a symbolic link, is refused. */
export function createProjectFiles(root: string): ProjectFiles {
  const realRoot = realpathSync.native(root);
  return {
    async read(path, maxBytes = DEFAULT_MAX_BYTES) {
      const place = inside(realRoot, path);
      if (!place.ok) return place;
      const read = readTextBounded(place.value, maxBytes);
      return read.ok ? ok(read.value) : fail({ ...read.error, file: path });
    },
    async write(path, text) {
      const place = inside(realRoot, path);
      if (!place.ok) return place;
      try {
        mkdirSync(dirname(place.value), { recursive: true });
        writeFileAtomic(place.value, text, { mode: 0o644 });
        return ok(undefined);
      } catch (error) {
        return fail(fileProblem(error, path, 'cannot write'));
      }
    },
    async list(directory) {
      const place = inside(realRoot, directory);
      if (!place.ok) return [];
      try {
        return readdirSync(place.value, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => entry.name)
          .sort();
      } catch {
        return [];
      }
    },
    async exists(path) {
      const place = inside(realRoot, path);
      if (!place.ok) return false;
      try {
        lstatSync(place.value);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Absolute path of a relative one, if neither its words nor a link on the way lead out of the root. */
function inside(root: string, path: string): Result<string> {
  const absolute = resolve(root, normalize(path));
  if (isAbsolute(path) || path.includes('\0') || leaves(root, absolute)) return fail(outside(path));
  const existing = nearestExisting(absolute);
  if (existing !== undefined && leaves(root, existing)) return fail(outside(path));
  return ok(absolute);
}

/** Real path of the longest part of a path that exists. */
function nearestExisting(path: string): string | undefined {
  for (let part = path; ; part = dirname(part)) {
    try {
      return join(realpathSync.native(part), relative(part, path));
    } catch {
      if (dirname(part) === part) return undefined;
    }
  }
}

function leaves(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith('../') || isAbsolute(way);
}

function outside(path: string): Problem {
  return { code: 'outside-project', message: 'leads out of the project', file: path };
}
