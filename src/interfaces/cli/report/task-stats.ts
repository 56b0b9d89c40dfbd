import type { TaskStats } from '../../../compose/tasks/stats.ts';
import type { TaskAmbiguity } from '../../../core/task/meta.ts';
import type { Proportion } from '../../../core/task/proportion.ts';
import type { AttemptFigures, Group, TaskStatistics } from '../../../core/task/statistics.ts';
import { asTyped } from '../as-typed.ts';
import { formatClock } from './duration.ts';
import { idleToShow } from './idle.ts';
import { formatCount } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { type Column, formatPairs, formatTable } from './table.ts';

const MOST_TASKS = 15;
const WIDEST = 50;
const AMBIGUITIES: readonly TaskAmbiguity[] = ['low', 'medium', 'high'];
const right = 'right' as const;

/** How the attempts at tasks went. Under so few cases that a rate says nothing, only the counts are given. */
export function statsAsText({ statistics, eachTask }: TaskStats, style: Style): string {
  const { tasks, tasksWithAttempts, byTool, byModel, bySize } = statistics;
  if (tasksWithAttempts === 0)
    return asTyped(
      tasks === 0
        ? 'no tasks to count\n'
        : `${countOf(tasks, 'task')}, no attempts yet; runs record them, or murmur8 task update <id> --add-attempt <json>\n`,
    );
  return [
    overview(statistics),
    perTask(eachTask, style),
    ...[group('TOOL', byTool, style), group('MODEL', byModel, style), group('SIZE', bySize, style)],
    crossing(statistics, style),
  ].join('\n');
}

function overview({ tasks, tasksWithAttempts, totals, outcomes, success }: TaskStatistics): string {
  const { completed, failed, abandoned } = outcomes;
  return formatPairs([
    ['Tasks', `${formatCount(tasks)}, of which ${formatCount(tasksWithAttempts)} attempted`],
    [
      'Attempts',
      `${formatCount(totals.attempts)}: ${formatCount(completed)} completed, ${formatCount(failed)} failed, ${formatCount(abandoned)} abandoned`,
    ],
    ['Retries', formatCount(totals.retries)],
    ['Execution', seconds(totals.executionSeconds)],
    ['Wall clock', seconds(totals.wallClockSeconds)],
    ['Idle', seconds(idleToShow(totals))],
    ...(totals.overlapSeconds > 0
      ? [['Overlap', `${seconds(totals.overlapSeconds)}, in which attempts ran at the same time`] as const]
      : []),
    ['Success per attempt', rateText(success.perAttempt)],
    ['Success per task', rateText(success.perTask)],
    ['Success at first try', rateText(success.atFirstTry)],
  ]);
}

/** Those that took the most time. */
function perTask(eachTask: TaskStats['eachTask'], style: Style): string {
  const longest = eachTask.toSorted(
    (one, other) => other.figures.executionSeconds - one.figures.executionSeconds,
  );
  const columns: Column[] = [
    { title: 'TASK' },
    { title: 'ATTEMPTS', align: right },
    { title: 'RETRIES', align: right },
    { title: 'EXECUTION', align: right },
    { title: 'WALL CLOCK', align: right },
    { title: 'IDLE', align: right },
  ];
  const rows = longest
    .slice(0, MOST_TASKS)
    .map(({ id, figures }) => [oneLine(id, WIDEST), ...figureCells(figures)]);
  const hidden = longest.length - rows.length;
  return (
    formatTable(columns, rows, style) +
    (hidden > 0 ? `and ${formatCount(hidden)} more; --json has all\n` : '')
  );
}

function figureCells(figures: AttemptFigures) {
  const { attempts, retries, executionSeconds, wallClockSeconds } = figures;
  return [
    formatCount(attempts),
    formatCount(retries),
    seconds(executionSeconds),
    seconds(wallClockSeconds),
    seconds(idleToShow(figures)),
  ];
}

function group(title: string, groups: readonly Group[], style: Style): string {
  const columns: Column[] = [
    { title },
    { title: 'ATTEMPTS', align: right },
    { title: 'EXECUTION', align: right },
    { title: 'PER ATTEMPT' },
    { title: 'PER TASK' },
    { title: 'AT FIRST TRY' },
  ];
  const rows = groups.map(({ name, attempts, executionSeconds, perAttempt, perTask: tasks, atFirstTry }) => [
    oneLine(name, WIDEST),
    formatCount(attempts),
    seconds(executionSeconds),
    shortRate(perAttempt),
    shortRate(tasks),
    shortRate(atFirstTry),
  ]);
  return formatTable(columns, rows, style);
}

/** Model × ambiguity → attempts that completed (seed 003, success signals). */
function crossing({ byModel, modelByAmbiguity }: TaskStatistics, style: Style): string {
  const columns: Column[] = [
    { title: 'MODEL × AMBIGUITY' },
    ...AMBIGUITIES.map((ambiguity) => ({ title: ambiguity.toUpperCase() })),
  ];
  const rows = byModel.map(({ name }) => [
    oneLine(name, WIDEST),
    ...AMBIGUITIES.map((ambiguity) => {
      const cell = modelByAmbiguity.find((one) => one.model === name && one.ambiguity === ambiguity);
      return cell === undefined ? '-' : shortRate(cell.perAttempt);
    }),
  ]);
  return formatTable(columns, rows, style);
}

/** `83% (10/12), between 55% and 95% at 95%`: the interval holds the true rate in 95 of 100 such samples. */
function rateText(proportion: Proportion): string {
  const { successes, count, interval } = proportion;
  if (proportion.isEnough && interval !== null)
    return `${shortRate(proportion)}, between ${percent(interval.low)} and ${percent(interval.high)} at 95%`;
  return `${formatCount(successes)} of ${formatCount(count)}, not enough data for a rate`;
}

function shortRate({ successes, count, rate, isEnough }: Proportion): string {
  if (count === 0) return '-';
  const cases = `${formatCount(successes)}/${formatCount(count)}`;
  return rate === null || !isEnough ? `${cases}, not enough data` : `${percent(rate)} (${cases})`;
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)}%`;
}

/** `6m 20s (380 s)`, so that the seed's figures can be read off as they are; below a minute, `45s` alone. */
function seconds(value: number): string {
  const size = Math.abs(value);
  const clock = `${value < 0 ? '-' : ''}${formatClock(size * 1000)}`;
  return size < 60 ? clock : `${clock} (${value} s)`;
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
