import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFileAtomic } from '../../edges/files/atomic-write.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import { fileProblem } from '../../edges/files/file-problem.ts';
import type { TaskLink } from './run-link.ts';

/** What a run keeps about its task, in `task.json` of its directory. */
export interface RunTask {
  /** Undefined where there was no task for it when it began. */
  readonly link?: TaskLink;
  /** Number of the last event of which an attempt tells. */
  readonly recorded: number;
}

const VERSION = 1;
const NOTHING: RunTask = { recorded: 0 };

/** Fails where it cannot be read, or was written by a newer version: then nothing is known, and nothing may be written. */
export function readRunTask(runDirectory: string): Result<RunTask> {
  const file = join(runDirectory, 'task.json');
  const text = readTextBounded(file, 64 * 1024);
  if (!text.ok) return text;
  if (text.value === undefined) return ok(NOTHING);
  const read = understood(text.value);
  if (read === 'newer') return fail(newer(file));
  return read === undefined ? fail(damaged(file)) : ok(read);
}

/** Replaces it whole. SYS_WRITE_ERROR where it cannot be written. */
export function writeRunTask(runDirectory: string, { link, recorded }: RunTask): Result<void> {
  const file = join(runDirectory, 'task.json');
  try {
    writeFileAtomic(file, `${JSON.stringify({ v: VERSION, task: link?.id, root: link?.root, recorded })}\n`);
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, file, 'cannot write'));
  }
}

function understood(text: string): RunTask | 'newer' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('v' in value) || typeof value.v !== 'number')
    return undefined;
  if (value.v > VERSION) return 'newer';
  if (!('recorded' in value) || typeof value.recorded !== 'number') return undefined;
  const { recorded } = value;
  if (!('task' in value) || typeof value.task !== 'string') return { recorded };
  if (!('root' in value) || typeof value.root !== 'string') return undefined;
  return { link: { id: value.task, root: value.root }, recorded };
}

function newer(file: string): Problem {
  return {
    code: 'newer-version',
    message: 'was written by a newer version of this program',
    file,
    hint: 'update murmur8',
  };
}

function damaged(file: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: 'is damaged, so that it is not known which attempts are in the task',
    file,
    hint: 'delete it: attempts that are in the task are not added a second time',
  };
}
