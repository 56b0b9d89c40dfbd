import { TASK_KINDS, type TaskKind, type TaskMeta, type TaskState } from './meta.ts';
import { readMoment } from './moment.ts';

/** The directory below `tasks/` in which a task of a state is kept (spec: tasks, files). */
export const STATE_DIRECTORIES: Readonly<Record<TaskState, string>> = {
  idea: '00-idea',
  ready: '10-ready',
  'in-progress': '20-in-progress',
  done: '30-done',
  canceled: '40-canceled',
};

type Placing = Pick<TaskMeta, 'id' | 'kind' | 'state'> & { readonly completed_at?: string | null };

/** Where a task belongs, relative to `tasks/`. A done task without a time of completion has no day in its name. */
export function taskPath(meta: Placing): string {
  return `${STATE_DIRECTORIES[meta.state]}/${taskFileName(meta)}`;
}

function taskFileName({ id, kind, state, completed_at }: Placing): string {
  const day = state === 'done' && typeof completed_at === 'string' ? utcDay(completed_at) : undefined;
  return `${day === undefined ? '' : `${day} `}${kind}-${id}.md`;
}

/** What a file's name tells of its task; undefined where the name is of another form. */
export function readTaskFileName(
  name: string,
): { readonly kind: TaskKind; readonly id: string; readonly day?: string } | undefined {
  const found = NAME.exec(name);
  const kind = TASK_KINDS.find((one) => one === found?.[2]);
  const id = found?.[3];
  if (kind === undefined || id === undefined) return undefined;
  return found?.[1] === undefined ? { kind, id } : { kind, id, day: found[1] };
}

const NAME = /^(?:(\d{4}-\d\d-\d\d) )?([a-z]+)-([a-z0-9-]+)\.md$/;

/** The day of a moment in UTC, as YYYY-MM-DD. */
function utcDay(text: string): string | undefined {
  const moment = readMoment(text);
  return moment === undefined ? undefined : new Date(moment.seconds * 1000).toISOString().slice(0, 10);
}
