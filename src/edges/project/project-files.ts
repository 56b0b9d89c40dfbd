import { lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok } from '../../core/result.ts';
import type { ProjectFiles } from '../../engine/ports.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';
import { insideRoot } from './inside-root.ts';

const DEFAULT_MAX_BYTES = 8 << 20;

/** Files of a working tree. A path that leaves it, also by a symbolic link, is refused. */
export function createProjectFiles(root: string): ProjectFiles {
  const realRoot = realpathSync.native(root);
  return {
    async read(path, maxBytes = DEFAULT_MAX_BYTES) {
      const place = insideRoot(realRoot, path);
      if (!place.ok) return place;
      const read = readTextBounded(place.value, maxBytes);
      return read.ok ? ok(read.value) : fail({ ...read.error, file: path });
    },
    async write(path, text) {
      const place = insideRoot(realRoot, path);
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
      const place = insideRoot(realRoot, directory);
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
      const place = insideRoot(realRoot, path);
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
