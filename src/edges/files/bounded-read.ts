import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { errorCode, fileProblem } from './file-problem.ts';

/** Text of a file, undefined if there is none, a problem if it cannot be read or is larger than `maxBytes`. */
export function readTextBounded(path: string, maxBytes: number): Result<string | undefined> {
  const read = readBytesBounded(path, maxBytes);
  if (!read.ok) return read;
  return ok(read.value?.toString('utf8'));
}

/** The same for bytes. Only regular files are read, so that a FIFO or device never hangs a command. */
export function readBytesBounded(path: string, maxBytes: number): Result<Buffer | undefined> {
  let fd: number;
  try {
    // Without waiting, so that a FIFO nobody writes to is refused below instead of holding the command up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    // A file where a directory of the path should be means just as well that there is no such file.
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return ok(undefined);
    return fail(fileProblem(error, path, 'cannot read'));
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return fail(notAFile(path));
    if (stat.size > maxBytes) return fail(tooLarge(path, stat.size, maxBytes));
    return ok(readRange(fd, 0, stat.size));
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot read'));
  } finally {
    closeSync(fd);
  }
}

/** Up to `length` bytes from `position`; fewer at the end of the file. */
export function readRange(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(fd, buffer, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return buffer.subarray(0, done);
}

function notAFile(path: string): Problem {
  return { code: 'not-a-file', message: 'is not a regular file', file: path };
}

function tooLarge(path: string, size: number, maxBytes: number): Problem {
  return {
    code: 'file-too-large',
    message: `is ${size} bytes, more than the ${maxBytes} that are read here`,
    file: path,
    hint: 'make it smaller, or check that it is the right file',
  };
}
