import { plainText } from '../../../core/agent/plain-text.ts';
import type { ExecutionAttempt, ExecutionReviewer } from '../../../core/task/execution.ts';
import type { TaskMeta } from '../../../core/task/meta.ts';
import { formatClock, formatInstant } from './duration.ts';
import { formatCount } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { type Cell, formatPairs, formatTable } from './table.ts';
import { stateCell } from './task-list.ts';

const WIDEST = 200;
const ERROR_WIDTH = 60;

/** A task with its attempts and its text. */
export function taskAsText(
  { meta, file, body }: { readonly meta: TaskMeta; readonly file: string; readonly body: string },
  style: Style,
): string {
  const pairs: (readonly [string, Cell | undefined])[] = [
    ['Task', { text: meta.id, paint: style.bold }],
    ['Title', oneLine(meta.title, WIDEST)],
    ['State', stateCell(meta, style)],
    ['Kind', meta.kind],
    ['Priority', meta.priority],
    ['Size', meta.size],
    ['Ambiguity', meta.ambiguity],
    ['Executor', meta.executor],
    ['Isolation', meta.isolation],
    ['Parent', meta.parent],
    ['Children', listed(meta.children)],
    ['Depends on', listed(meta.depends_on)],
    ['Blocks', listed(meta.blocks)],
    ['Blocked', meta.blocked],
    ['Labels', listed(meta.labels)],
    ['Assignees', listed(meta.assignees)],
    ['Touches', listed(meta.touches)],
    ['Commit', meta.commit_message],
    ['Created', instant(meta.created_at)],
    ['Updated', instant(meta.updated_at)],
    ['Completed', instant(meta.completed_at ?? undefined)],
    ['File', file],
  ];
  const known = pairs.flatMap(([label, cell]) =>
    cell === undefined ? [] : [[label, typeof cell === 'string' ? oneLine(cell, WIDEST) : cell] as const],
  );
  const { attempts = [] } = meta.execution ?? {};
  const text = plainText(body).trim();
  return [
    formatPairs(known),
    ...(attempts.length === 0 ? [] : [attemptTable(attempts, style)]),
    ...(text === '' ? [] : [`${text}\n`]),
  ].join('\n');
}

/** One line for each attempt, in the order of the file. */
export function attemptTable(attempts: readonly ExecutionAttempt[], style: Style): string {
  const hasReviews = attempts.some(({ reviewer }) => reviewer !== undefined);
  return formatTable(
    [
      { title: 'ATTEMPT', align: 'right' },
      { title: 'STARTED' },
      { title: 'DURATION', align: 'right' },
      { title: 'STATUS' },
      { title: 'TOOL' },
      { title: 'MODEL' },
      ...(hasReviews ? [{ title: 'REVIEW' }] : []),
      { title: 'ERROR' },
    ],
    attempts.map((attempt, index): Cell[] => [
      formatCount(index + 1),
      formatInstant(attempt.started_at),
      formatClock(attempt.duration_seconds * 1000),
      statusCell(attempt, style),
      oneLine(attempt.executor.tool, 40),
      oneLine(attempt.executor.model ?? '-', 40),
      ...(hasReviews ? [reviewOf(attempt.reviewer)] : []),
      oneLine(attempt.error_reason ?? '', ERROR_WIDTH),
    ]),
    style,
  );
}

function statusCell({ status }: ExecutionAttempt, style: Style): Cell {
  if (status === 'completed') return { text: `✔ ${status}`, paint: style.green };
  return status === 'failed'
    ? { text: `✖ ${status}`, paint: style.red }
    : { text: `‖ ${status}`, paint: style.yellow };
}

function reviewOf(reviewer: ExecutionReviewer | undefined): string {
  if (reviewer === undefined) return '-';
  return oneLine(`${reviewer.approved ? 'approved' : 'rejected'} by ${reviewer.name}`, 40);
}

function listed(words: readonly string[] | undefined): string | undefined {
  return words === undefined || words.length === 0 ? undefined : words.join(', ');
}

function instant(text: string | undefined): string | undefined {
  return text === undefined ? undefined : formatInstant(text);
}
