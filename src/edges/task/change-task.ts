import { existsSync, mkdirSync, realpathSync, renameSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskChange } from '../../core/task/change.ts';
import { editTask } from '../../core/task/edit-task.ts';
import type { TaskMetaInput } from '../../core/task/meta.ts';
import { type ParsedTask, parseTask } from '../../core/task/parse-task.ts';
import { readTaskFileName, taskPath } from '../../core/task/task-path.ts';
import { writeTask } from '../../core/task/write-task.ts';
import { syncDirectory } from '../files/atomic-write.ts';
import { findTask } from './find-task.ts';
import { headLength, textOf } from './head.ts';
import { whileTasksLocked } from './lock.ts';
import { readTaskBytes } from './read-task.ts';
import { replaceTaskFile } from './replace-task-file.ts';
import { listTaskFiles, type TaskFile } from './task-files.ts';

/** What is to become of a task. */
export interface TaskUpdate {
  readonly changes: readonly TaskChange[];
  /** Whether its file goes to where its state, kind and id say. Default false. */
  readonly moves?: boolean;
}

export interface ChangedTask {
  /** Where the task is now (or would be). */
  readonly file: TaskFile;
  readonly previousFile: TaskFile;
  /** As it is now. */
  readonly task: ParsedTask;
  /** The file's text up to the end of the front matter, before and after. */
  readonly before: string;
  readonly after: string;
}

/**
 * Changes one task, alone among all processes of ours: `decide` sees what the file says under the lock, so nothing that
 * another writer did is lost. With `dryRun` nothing is written. Problems of `findTask`, `decide` and `editTask`,
 * `tasks-locked`, `task-exists` where the new place is taken, and SYS_WRITE_ERROR.
 */
export function changeTask(
  root: string,
  wanted: string,
  decide: (task: ParsedTask) => Result<TaskUpdate>,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Result<ChangedTask> {
  if (dryRun) {
    const planned = planChange(root, wanted, decide);
    return planned.ok ? ok(planned.value.changed) : planned;
  }
  return whileTasksLocked(root, (scratch) => {
    const planned = planChange(root, wanted, decide);
    if (!planned.ok) return planned;
    carryOut(planned.value, scratch);
    return ok(planned.value.changed);
  });
}

/** A new task, in the directory of its state. Problems: `task-exists`, `task-invalid`, `tasks-locked`, SYS_WRITE_ERROR. */
export function createTask(root: string, meta: TaskMetaInput, body: string): Result<ChangedTask> {
  const text = writeTask(meta, body);
  const task = parseTask(text, '');
  const [error] = task.problems.filter(({ severity }) => severity === 'error');
  if (task.meta === undefined)
    return fail({ code: 'task-invalid', message: error?.message ?? 'the new task is not valid' });
  const file = fileAt(root, taskPath(task.meta));
  const { id } = task.meta;
  return whileTasksLocked(root, (scratch) => {
    const taken = listTaskFiles(root).files.find(({ name }) => readTaskFileName(name)?.id === id);
    if (taken !== undefined || existsSync(file.path)) return fail(exists(id, taken ?? file));
    mkdirSync(dirname(file.path), { recursive: true });
    replaceTaskFile(file.path, [Buffer.from(text)], scratch);
    return ok({ file, previousFile: file, task: parseTask(text, file.shown), before: '', after: text });
  });
}

interface Plan {
  readonly changed: ChangedTask;
  /** What follows the front matter, byte for byte. */
  readonly body: Uint8Array;
  /** The file behind links. */
  readonly target: string;
}

function planChange(
  root: string,
  wanted: string,
  decide: (task: ParsedTask) => Result<TaskUpdate>,
): Result<Plan> {
  const found = findTask(root, wanted);
  if (!found.ok) return found;
  const previousFile = found.value;
  const target = realpathSync(previousFile.path);
  if (!target.startsWith(`${realpathSync(root)}${sep}`)) return fail(outside(previousFile));
  const bytes = readTaskBytes(previousFile);
  if (!bytes.ok) return bytes;
  const head = headLength(bytes.value, true) ?? bytes.value.length;
  const before = textOf(bytes.value.subarray(0, head), previousFile.shown);
  if (!before.ok) return before;
  const body = bytes.value.subarray(head);
  const update = decide({ ...parseTask(before.value, previousFile.shown), body: body.toString('utf8') });
  if (!update.ok) return update;
  const after = editTask(before.value, update.value.changes);
  if (!after.ok) return fail({ file: previousFile.shown, ...after.error });
  const edited = parseTask(after.value, previousFile.shown);
  const file = update.value.moves && edited.meta ? fileAt(root, taskPath(edited.meta)) : previousFile;
  if (file.path !== previousFile.path && existsSync(file.path)) return fail(exists(wanted, file));
  const task = { ...parseTask(after.value, file.shown), body: body.toString('utf8') };
  return ok({
    changed: { file, previousFile, task, before: before.value, after: after.value },
    body,
    target,
  });
}

/** The content goes first: a crash in between leaves one file, whose place `task validate` finds to be wrong. */
function carryOut({ changed, body, target }: Plan, scratch: string): void {
  const { file, previousFile, before, after } = changed;
  if (before !== after) replaceTaskFile(target, [Buffer.from(after), body], scratch);
  if (file.path === previousFile.path) return;
  mkdirSync(dirname(file.path), { recursive: true });
  renameSync(previousFile.path, file.path);
  syncDirectory(dirname(file.path));
  syncDirectory(dirname(previousFile.path));
}

function fileAt(root: string, path: string): TaskFile {
  const [directory = '', name = ''] = path.split('/');
  return { path: join(root, 'tasks', directory, name), shown: `tasks/${path}`, directory, name };
}

function exists(id: string, { shown }: TaskFile): Problem {
  return {
    code: 'task-exists',
    message: `there is a task ${id} already`,
    file: shown,
    hint: `choose another id, or look at it: murmur8 task show ${id}`,
  };
}

function outside({ shown }: TaskFile): Problem {
  return {
    code: 'task-uneditable',
    message: 'this link leads out of the project; nothing was changed',
    file: shown,
    hint: 'put the file itself in its place',
  };
}
