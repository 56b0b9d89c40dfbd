import type { TaskMeta } from '../../../core/task/meta.ts';
import { asTyped } from '../as-typed.ts';
import { formatCount } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { type Cell, formatTable } from './table.ts';

const COLUMNS = [
  { title: 'TASK' },
  { title: 'KIND' },
  { title: 'STATE' },
  { title: 'PRIORITY' },
  { title: 'SIZE' },
  { title: 'AMBIGUITY' },
  { title: 'ATTEMPTS' },
  { title: 'TITLE' },
] as const;
const LONGEST_TITLE = 60;

/** Tasks as a table, one line each; `isFiltered` tells that others may be there. */
export function taskListAsText(
  tasks: Iterable<{ readonly meta: TaskMeta }>,
  style: Style,
  isFiltered: boolean,
): string {
  const rows: Cell[][] = [];
  // Of each task no more than its line is held.
  for (const { meta } of tasks)
    rows.push([
      alone(oneLine(meta.id, LONGEST_TITLE)),
      meta.kind,
      stateCell(meta, style),
      meta.priority,
      meta.size,
      meta.ambiguity,
      attemptsCell(meta, style),
      alone(oneLine(meta.title, LONGEST_TITLE)),
    ]);
  if (rows.length === 0)
    return isFiltered
      ? asTyped('no such tasks; murmur8 task list shows all of them\n')
      : asTyped('no tasks yet; murmur8 task new <id> --title <text> writes the first one\n');
  return formatTable(COLUMNS, rows, style);
}

/** A copy: a part of a text holds the whole of it in memory, here a file for each line. */
function alone(text: string): string {
  return `${text} `.trimEnd();
}

/** The state of a task, and that it cannot go on. */
export function stateCell({ state, blocked }: TaskMeta, style: Style): Cell {
  if (blocked !== undefined && blocked !== '') return { text: `${state}, blocked`, paint: style.yellow };
  if (state === 'done') return { text: state, paint: style.green };
  return state === 'in-progress' ? { text: state, paint: style.bold } : state;
}

function attemptsCell({ execution }: TaskMeta, style: Style): Cell {
  const last = execution?.attempts.at(-1);
  if (execution === undefined || last === undefined) return '-';
  const paint = { completed: style.green, failed: style.red, abandoned: style.yellow }[last.status];
  return { text: `${formatCount(execution.attempts.length)}, ${last.status}`, paint };
}
