import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readRange } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';

/** The largest file that is taken for a task. */
export const MAX_TASK_BYTES = 16 * 1024 * 1024;
/** What is read of a file at first, into the same bytes for all files, and then until its front matter ends. */
const FIRST = Buffer.alloc(4 * 1024);
const FURTHER = [64 * 1024, 4 * 1024 * 1024];

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The beginning of a task file, at least up to the end of the line that closes its front matter; of a file without one,
 * its first few kilobytes. Never more than its end is looked for in, however long the file is.
 */
export function readHead(path: string, shown: string): Result<string> {
  let fd: number;
  try {
    // Without waiting, so that a pipe that took the file's place does not hold the command up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return fail(fileProblem(error, shown, 'cannot read'));
  }
  try {
    return headOf(fd, shown);
  } catch (error) {
    return fail(fileProblem(error, shown, 'cannot read'));
  } finally {
    closeSync(fd);
  }
}

/** The same from bytes at hand: how many of them are the head; undefined where the front matter does not end in them. */
export function headLength(bytes: Buffer, isWhole: boolean): number | undefined {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (!isHyphens(bytes, start)) return bytes.length;
  for (let at = bytes.indexOf(HYPHENS, start + 3); at >= 0; at = bytes.indexOf(HYPHENS, at + 1)) {
    if (!isLineEnd(bytes[at - 1])) continue;
    let end = at + 3;
    while (bytes[end] === SPACE || bytes[end] === TAB) end += 1;
    if (end >= bytes.length) return isWhole ? end : undefined;
    if (!isLineEnd(bytes[end])) continue;
    // The other half of a line end may be yet to be read.
    if (bytes[end] === CR && end + 1 === bytes.length && !isWhole) return undefined;
    return bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
  }
  return isWhole ? bytes.length : undefined;
}

/** Text of bytes that are UTF-8, byte order mark included. */
export function textOf(bytes: Buffer, shown: string): Result<string> {
  const text = bytes.toString('utf8');
  if (!text.includes(BROKEN)) return ok(text);
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return fail({
      code: 'task-invalid',
      message: 'the front matter is not UTF-8 text',
      file: shown,
      hint: 'save the file as UTF-8',
    });
  }
}

/** Stands in a text for bytes that are no UTF-8. */
const BROKEN = '\uFFFD';
const HYPHENS = '---';
const HYPHEN = 45;
const SPACE = 32;
const TAB = 9;
const CR = 13;
const LF = 10;

function headOf(fd: number, shown: string): Result<string> {
  const read = readSync(fd, FIRST, 0, FIRST.length, 0);
  const size = read === FIRST.length ? fstatSync(fd).size : read;
  if (size > MAX_TASK_BYTES) return fail(tooLarge(size, shown));
  // A file that is read as a whole, and is sound, is looked through but once, by who asks for it.
  const whole = read < FIRST.length ? FIRST.toString('utf8', 0, read) : BROKEN;
  if (!whole.includes(BROKEN)) return ok(whole);
  const first = headLength(FIRST.subarray(0, read), read < FIRST.length);
  if (first !== undefined) return textOf(FIRST.subarray(0, first), shown);
  for (const most of FURTHER) {
    const bytes = readRange(fd, 0, most);
    const length = headLength(bytes, bytes.length < most);
    if (length !== undefined) return textOf(bytes.subarray(0, length), shown);
  }
  return fail({
    code: 'task-invalid',
    message: `the front matter does not end within ${FURTHER.at(-1)} bytes`,
    file: shown,
    hint: 'put a line that holds "---" and nothing else below its last key',
  });
}

export function tooLarge(size: number, shown: string): Problem {
  return {
    code: 'file-too-large',
    message: `is ${size} bytes long; a task file has at most ${MAX_TASK_BYTES}`,
    file: shown,
    hint: 'make it smaller, or move it out of tasks/',
  };
}

function isHyphens(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === HYPHEN && bytes[at + 1] === HYPHEN && bytes[at + 2] === HYPHEN;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
