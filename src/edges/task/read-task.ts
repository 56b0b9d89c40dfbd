import { isUtf8 } from 'node:buffer';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type ParsedTask, parseTask, parseTaskHead } from '../../core/task/parse-task.ts';
import type { TaskProblem } from '../../core/task/problem.ts';
import { readBytesBounded } from '../files/bounded-read.ts';
import { headLength, MAX_TASK_BYTES, readHead, textOf } from './head.ts';
import type { TaskFile } from './task-files.ts';

/**
 * A task as its file says it, without the body, and with what `parseTaskHead` has for `raw`. A file that cannot be read
 * has one problem.
 */
export function readTaskHead({ path, shown }: Pick<TaskFile, 'path' | 'shown'>): ParsedTask {
  const head = readHead(path, shown);
  return head.ok ? parseTaskHead(head.value, shown) : unreadable(head.error, shown);
}

/** The whole task, body included. Bytes of the body that are no UTF-8 are shown as replacement characters. */
export function readTaskFile({ path, shown }: Pick<TaskFile, 'path' | 'shown'>): ParsedTask {
  const bytes = readTaskBytes({ path, shown });
  if (!bytes.ok) return unreadable(bytes.error, shown);
  if (isUtf8(bytes.value)) return parseTask(bytes.value.toString('utf8'), shown);
  const head = headLength(bytes.value, true) ?? bytes.value.length;
  const text = textOf(bytes.value.subarray(0, head), shown);
  if (!text.ok) return unreadable(text.error, shown);
  return { ...parseTask(text.value, shown), body: bytes.value.subarray(head).toString('utf8') };
}

export function readTaskBytes({ path, shown }: Pick<TaskFile, 'path' | 'shown'>): Result<Buffer> {
  const read = readBytesBounded(path, MAX_TASK_BYTES);
  if (!read.ok) return fail({ ...read.error, file: shown });
  if (read.value !== undefined) return ok(read.value);
  return fail({ code: 'task-not-found', message: 'the file is not there any more', file: shown });
}

function unreadable(problem: Problem, shown: string): ParsedTask {
  const told: TaskProblem = { ...problem, file: shown, severity: 'error', path: '' };
  return { raw: {}, body: '', problems: [told] };
}
