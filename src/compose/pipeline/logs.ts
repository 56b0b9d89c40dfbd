import { join } from 'node:path';
import { type LogFilter, type LogRow, logRows } from '../../core/record/logs.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { readLog } from '../../edges/store/read-log.ts';

/** Where one piece of work was logged. */
export interface LogSource extends LogRow {
  /** Absolute. */
  readonly file: string;
}

const BLOCK_BYTES = 1 << 16;

/**
 * The logs of a run in the order in which the work began; of one stage or one attempt, if asked. `lostOwner`: the
 * journal says that it is under way, and nobody drives it.
 */
export function logSources(
  state: RunState,
  runDirectory: string,
  only: LogFilter,
  lostOwner: boolean,
): LogSource[] {
  return logRows(state, only, lostOwner)
    .map((row) => ({ ...row, file: join(runDirectory, 'logs', `${row.name}.log`) }))
    .filter(({ unsure, file }) => unsure !== true || isThere(file));
}

/** The next bytes of a log; empty at its end, undefined when it was removed or never written. */
export function nextOfLog(source: LogSource, position: number): Result<Buffer | undefined> {
  return readLog(source.file, position, BLOCK_BYTES);
}

/** A whole log; undefined when it was removed or never written. */
export function textOfLog(source: LogSource): Result<string | undefined> {
  const blocks: Buffer[] = [];
  for (let position = 0; ; ) {
    const read = nextOfLog(source, position);
    if (!read.ok) return read;
    if (read.value === undefined) return ok(undefined);
    if (read.value.length === 0) return ok(Buffer.concat(blocks).toString('utf8'));
    blocks.push(read.value);
    position += read.value.length;
  }
}

/** A log that cannot be read is there, and says so where it is printed. */
function isThere(file: string): boolean {
  const read = readLog(file, 0, 1);
  return !read.ok || read.value !== undefined;
}
