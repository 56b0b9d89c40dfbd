import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEvent, RunEventBody } from '../../core/run/event.ts';
import { JOURNAL_VERSION } from '../../core/run/journal-version.ts';
import { writeFully } from '../files/atomic-write.ts';
import { readRange } from '../files/bounded-read.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';
import { parseEvent } from './parse-event.ts';

const NEWLINE = 0x0a;
const BLOCK_BYTES = 1 << 20;

export interface JournalRead {
  readonly events: RunEvent[];
  /** Length in bytes of the whole lines; what follows is a torn last line. */
  readonly length: number;
}

/**
 * Reads a journal. A torn last line is left out: its event was never acted upon. Any other line that cannot be read
 * is named with its place, and nothing is guessed (spec: protocols, journal).
 */
export function readJournal(path: string): Result<JournalRead> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ok({ events: [], length: 0 });
    return fail(fileProblem(error, path, 'cannot read the journal'));
  }
  try {
    return readLines(fd, path);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot read the journal'));
  } finally {
    closeSync(fd);
  }
}

/** An open journal that only grows. */
export interface JournalWriter {
  append(runId: string, epoch: number, at: string, bodies: readonly RunEventBody[]): Result<RunEvent[]>;
  close(): void;
}

/** Opens a journal for the holder of its lease and cuts a torn last line. `seq` is that of the next event. */
export function openJournal(path: string, length: number, seq: number): Result<JournalWriter> {
  let fd: number;
  try {
    fd = openSync(path, 'a', 0o600);
    if (fstatSync(fd).size > length) ftruncateSync(fd, length);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot open the journal'));
  }
  let next = seq;
  let end = length;
  // True while a part of a failed append may still stand at the end.
  let torn = false;
  return ok({
    append(runId, epoch, at, bodies) {
      const events = bodies.map((body, index): RunEvent => {
        return { v: JOURNAL_VERSION, seq: next + index, epoch, at, runId, ...body };
      });
      const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      try {
        if (torn) ftruncateSync(fd, end);
        torn = true;
        writeFully(fd, bytes);
        fdatasyncSync(fd);
        torn = false;
      } catch (error) {
        torn = !cutTo(fd, end);
        return fail(fileProblem(error, path, 'cannot write to the journal'));
      }
      next += events.length;
      end += bytes.length;
      return ok(events);
    },
    close: () => closeSync(fd),
  });
}

/** False where even that fails: what stands there is a torn last line, which the next append or owner cuts. */
function cutTo(fd: number, length: number): boolean {
  try {
    ftruncateSync(fd, length);
    return true;
  } catch {
    return false;
  }
}

function readLines(fd: number, path: string): Result<JournalRead> {
  const events: RunEvent[] = [];
  let position = 0;
  let length = 0;
  let line = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const block = readRange(fd, position, BLOCK_BYTES);
    if (block.length === 0) return ok({ events, length });
    position += block.length;
    rest = rest.length === 0 ? block : Buffer.concat([rest, block]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      line += 1;
      const parsed = parseLine(rest.toString('utf8', start, end), path, line);
      if (!parsed.ok) return parsed;
      if (line === 1 && parsed.value.type !== 'run.created')
        return fail(corrupt(path, line, `a journal begins with run.created, not ${parsed.value.type}`));
      events.push(parsed.value);
      length += end + 1 - start;
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

function parseLine(text: string, file: string, line: number): Result<RunEvent> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(corrupt(file, line, 'this line is not JSON'));
  }
  const version = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;
  if (typeof version === 'number' && version > JOURNAL_VERSION) {
    return fail({
      code: 'newer-version',
      message: `was written by a newer version of this program (journal form ${version}, this one knows ${JOURNAL_VERSION})`,
      file,
      line,
      hint: 'update murmur8, then run the same command again',
    });
  }
  const event = parseEvent(value);
  if (event.ok) return event;
  return fail(corrupt(file, line, `this line is not an event of a run: ${event.error}`));
}

function corrupt(file: string, line: number, message: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message,
    file,
    line,
    hint: 'nothing was changed; restore this file from a backup, or start the feature anew with --restart',
  };
}
