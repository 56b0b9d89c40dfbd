import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { LastOutput } from '../../core/diagnostic/facts.ts';
import { readRange } from '../files/bounded-read.ts';

const MOST_BYTES = 64 << 10;
const MOST_LINES = 200;

/** The last lines of a log; undefined when it is not there, cannot be read, or is no regular file. */
export function lastOutput(path: string): LastOutput | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const from = Math.max(0, stat.size - MOST_BYTES);
    return lastLines(path, readRange(fd, from, stat.size - from).toString('utf8'), from > 0);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Of a text that was cut at its beginning, the first line is left out: what is left of it may be half a secret. */
function lastLines(path: string, text: string, isCut: boolean): LastOutput {
  const all = text.replace(/\n$/, '').split('\n');
  const whole = isCut && all.length > 1 ? all.slice(1) : all;
  const lines = whole.slice(-MOST_LINES);
  return { path, lines: text === '' ? [] : lines, isCut: isCut || lines.length < whole.length };
}
