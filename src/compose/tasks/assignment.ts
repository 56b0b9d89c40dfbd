import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskChange, TaskPath } from '../../core/task/change.ts';

const LISTS: ReadonlySet<string> = new Set([
  'children',
  'touches',
  'depends_on',
  'blocks',
  'assignees',
  'labels',
]);
/** Always text, also where it looks like a number or like `true`. */
const TEXTS: ReadonlySet<string> = new Set(['title', 'parent', 'blocked', 'commit_message']);

/**
 * `key=value` as a change of a front matter. A key may be dotted (`execution.attempts.0.notes`); keys that hold lists
 * take words with commas; everything else is JSON where it is valid JSON, and else text.
 */
export function parseAssignment(typed: string): Result<TaskChange> {
  const at = typed.indexOf('=');
  const path = parsePath(at < 0 ? typed : typed.slice(0, at));
  if (at < 1 || path === undefined) return fail(refused(typed, 'it takes key=value, such as priority=high'));
  if (path.length === 1 && path[0] === 'id')
    return fail(refused(typed, 'the id of a task stays: other tasks and runs know it by that'));
  return ok({ kind: 'set', path, value: readValue(path, typed.slice(at + 1)) });
}

/** A key to be taken out. */
export function parseRemoval(typed: string): Result<TaskChange> {
  const path = parsePath(typed);
  if (path === undefined) return fail(refused(typed, 'it takes a key, such as blocked'));
  const key = path.length === 1 ? path[0] : undefined;
  if (key === 'id' || key === 'title' || key === 'kind' || key === 'state')
    return fail(refused(typed, `no task can be without its ${key}`));
  return ok({ kind: 'remove', path });
}

function parsePath(text: string): TaskPath | undefined {
  const steps = text.trim().split('.');
  if (steps.includes('') || steps.includes('__proto__')) return undefined;
  return steps.map((step, index) => (index > 0 && /^\d{1,6}$/.test(step) ? Number(step) : step));
}

function readValue(path: TaskPath, typed: string): unknown {
  const key = path.length === 1 ? path[0] : undefined;
  if (typeof key === 'string' && TEXTS.has(key)) return typed;
  const parsed = asJson(typed);
  if (typeof key !== 'string' || !LISTS.has(key)) return parsed === undefined ? typed : parsed;
  if (Array.isArray(parsed)) return parsed;
  return typed
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Undefined for what is no JSON. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(typed: string, message: string): Problem {
  return {
    code: 'usage',
    message: `${JSON.stringify(typed.slice(0, 80))} cannot be set: ${message}`,
    hint: 'murmur8 task update --help lists what it takes',
  };
}
