import { closeSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFully } from './atomic-write.ts';
import { fileProblem } from './file-problem.ts';

const BLOCK_CHARACTERS = 1 << 18;

/**
 * Replaces a file by pieces of text that need not fit into memory together. The old file stays until all is
 * written; a piece that is a problem ends it, and the old file stays for good.
 */
export function replaceFile(path: string, pieces: Iterable<Result<string>>, mode = 0o600): Result<undefined> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      const written = writePieces(fd, pieces);
      if (!written.ok) {
        unlinkSync(temporary);
        return written;
      }
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    return ok(undefined);
  } catch (error) {
    removeQuietly(temporary);
    return fail(fileProblem(error, path, 'cannot write'));
  }
}

function writePieces(fd: number, pieces: Iterable<Result<string>>): Result<undefined> {
  let block = '';
  for (const piece of pieces) {
    if (!piece.ok) return piece;
    block += piece.value;
    if (block.length < BLOCK_CHARACTERS) continue;
    writeFully(fd, Buffer.from(block));
    block = '';
  }
  writeFully(fd, Buffer.from(block));
  return ok(undefined);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Never created, or already renamed; the first error is the one to report.
  }
}
