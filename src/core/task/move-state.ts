import type { TaskChange } from './change.ts';
import type { TaskMeta, TaskState } from './meta.ts';

/**
 * What changes in a task's front matter when it goes to another state at a moment (ISO 8601, UTC). Done tasks have a
 * time of completion, which they keep when they are moved to done again; others have none.
 */
export function changesToState(
  meta: Pick<TaskMeta, 'state'> & { readonly completed_at?: string | null },
  state: TaskState,
  now: string,
): readonly TaskChange[] {
  const isCompleted = typeof meta.completed_at === 'string';
  const completion: readonly TaskChange[] =
    state === 'done'
      ? meta.state === 'done' && isCompleted
        ? []
        : [{ kind: 'set', path: ['completed_at'], value: now }]
      : [{ kind: 'remove', path: ['completed_at'] }];
  return [
    { kind: 'set', path: ['state'], value: state },
    { kind: 'set', path: ['updated_at'], value: now },
    ...completion,
    { kind: 'set', path: ['last_activity_at'], value: now },
  ];
}
