import { nearestTo } from '../../core/nearest.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskChange } from '../../core/task/change.ts';
import type { ExecutionAttempt } from '../../core/task/execution.ts';
import { TASK_STATES, type TaskMetaInput, type TaskState } from '../../core/task/meta.ts';
import { changesToState } from '../../core/task/move-state.ts';
import { type ParsedTask, parseTask } from '../../core/task/parse-task.ts';
import { sameValue } from '../../core/task/value-at.ts';
import { writeTask } from '../../core/task/write-task.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { type ChangedTask, changeTask, createTask, type TaskUpdate } from '../../edges/task/change-task.ts';
import { nameBelow, rootForNew, tasksRootOf } from './place.ts';

export type { ChangedTask };

/** A task as somebody describes it; what is left out has its default. */
export interface NewTask {
  readonly meta: Pick<TaskMetaInput, 'id' | 'title' | 'kind' | 'state'> & Partial<TaskMetaInput>;
  /** Markdown; a few headings where none is given. */
  readonly body?: string;
}

/** Writes a new task into the directory of its state. */
export function newTask(cwd: string, { meta: described, body }: NewTask): Result<ChangedTask> {
  const at = now();
  const { title, state } = described;
  const meta: TaskMetaInput = {
    // Written down also where they are as usual: whoever opens the file sees what there is to decide.
    priority: 'normal',
    size: 'medium',
    ambiguity: 'low',
    executor: 'standard',
    isolation: 'module',
    ...described,
    created_at: at,
    updated_at: at,
    ...(state === 'done' ? { completed_at: at } : {}),
    last_activity_at: at,
  };
  const text = body ?? `\n## Overview\n\n${title}\n\n## Acceptance Criteria\n\n- [ ] \n`;
  const errors = parseTask(writeTask(meta, text), '').problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    return fail({
      code: 'bad-task',
      message: errors.map(({ message }) => message).join('\n'),
      hint: 'murmur8 task new --help lists what it takes',
    });
  return createTask(rootForNew(cwd), meta, text);
}

/** Makes the changes, or none of them. A change of state or kind takes the file to where it belongs then. */
export function updateTask(
  cwd: string,
  wanted: string,
  {
    changes,
    attempts = [],
  }: { readonly changes: readonly TaskChange[]; readonly attempts?: readonly ExecutionAttempt[] },
): Result<ChangedTask> {
  const added = attempts.map((attempt): TaskChange => ({ kind: 'add-attempt', attempt }));
  return change(cwd, wanted, (task) => {
    const wantsOther = changes.filter((one) => !isSoAlready(task, one));
    const places = new Set(wantsOther.map(placeOf));
    const all = wantsOther.flatMap((one): readonly TaskChange[] => {
      const state = one.kind === 'set' && placeOf(one) === 'state' ? stateNamed(one.value) : undefined;
      return state === undefined || task.meta === undefined ? [one] : changesToState(task.meta, state, now());
    });
    const touched = wantsOther.length > 0 && !places.has('state') ? touches(task, places) : [];
    return ok({ changes: [...all, ...touched, ...added], moves: places.has('state') || places.has('kind') });
  });
}

/** Takes a task to another state, and its file to that state's directory. */
export function moveTask(cwd: string, wanted: string, state: string): Result<ChangedTask> {
  const named = stateNamed(state);
  if (named === undefined) {
    const near = nearestTo(state.replaceAll('_', '-'), TASK_STATES);
    return fail({
      code: 'usage',
      message: `there is no state ${JSON.stringify(state)}; it is one of ${TASK_STATES.join(', ')}`,
      hint: near === undefined ? 'murmur8 task move --help says more' : `did you mean ${near}?`,
    });
  }
  return change(cwd, wanted, (task) => {
    const meta = task.meta ?? readableState(task);
    return ok({ changes: meta.state === named ? [] : changesToState(meta, named, now()), moves: true });
  });
}

function change(
  cwd: string,
  wanted: string,
  decide: (task: ParsedTask) => Result<TaskUpdate>,
): Result<ChangedTask> {
  const root = tasksRootOf(cwd);
  if (!root.ok) return root;
  const changed = changeTask(root.value, nameBelow(root.value, cwd, wanted), decide);
  return changed.ok ? changed : fail({ hint: 'nothing was changed', ...changed.error });
}

/** When a task was changed stands in it only where its author wants that to stand there. */
function touches({ raw }: ParsedTask, places: ReadonlySet<string>): TaskChange[] {
  return ['updated_at', 'last_activity_at']
    .filter((key) => Object.hasOwn(raw, key) && !places.has(key))
    .map((key) => ({ kind: 'set', path: [key], value: now() }));
}

function isSoAlready({ raw }: ParsedTask, one: TaskChange): boolean {
  if (one.kind === 'add-attempt') return false;
  let value: unknown = raw;
  for (const step of one.path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) value = undefined;
    else value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return one.kind === 'remove' ? value === undefined : value !== undefined && sameValue(value, one.value);
}

/** A task with errors elsewhere can be moved all the same. */
function readableState({ raw }: ParsedTask): Parameters<typeof changesToState>[0] {
  const { completed_at } = raw;
  return {
    state: stateNamed(raw['state']) ?? 'idea',
    ...(typeof completed_at === 'string' ? { completed_at } : {}),
  };
}

/** The dotted key that a change is about. */
function placeOf(one: TaskChange): string {
  return one.kind === 'add-attempt' ? 'execution' : one.path.join('.');
}

function stateNamed(word: unknown): TaskState | undefined {
  return TASK_STATES.find((state) => state === word);
}

function now(): string {
  return new Date(systemClock.now()).toISOString();
}
