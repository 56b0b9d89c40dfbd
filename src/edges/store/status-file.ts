import { closeSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFully } from '../files/atomic-write.ts';
import { fileProblem } from '../files/file-problem.ts';

const LEFTOVER = /^state\.json\.\d+\.tmp$/;

/** The document for readers, as the holder of a run's lease replaces it. */
export interface StatusFile {
  replace(document: unknown): Result<void>;
}

/**
 * A reader at any instant sees one whole document: each is written beside it and renamed over it. Nothing is synced,
 * since the journal is the truth. Every holder has a name of its own for what it is writing, so that one which was
 * taken for dead cannot write into its successor's.
 */
export function openStatusFile(directory: string, epoch: number, tookOver: boolean): StatusFile {
  const path = join(directory, 'state.json');
  const temporary = `${path}.${epoch}.tmp`;
  if (tookOver) removeLeftovers(directory);
  return {
    replace(document) {
      try {
        const bytes = Buffer.from(JSON.stringify(document));
        const fd = openSync(temporary, 'w', 0o600);
        try {
          writeFully(fd, bytes);
        } finally {
          closeSync(fd);
        }
        renameSync(temporary, path);
        return ok(undefined);
      } catch (error) {
        removeQuietly(temporary);
        return fail(fileProblem(error, path, 'cannot write the status'));
      }
    },
  };
}

/** What holders that were killed while writing have left. */
function removeLeftovers(directory: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(directory);
  } catch {
    // Whoever next wants to write there says why it cannot be done.
  }
  for (const name of names) if (LEFTOVER.test(name)) removeQuietly(join(directory, name));
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is not there, or the disk refuses: the next holder removes it.
  }
}
