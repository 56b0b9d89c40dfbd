import type { Insights } from '../../../core/insights/insights.ts';
import type { WorkFigures } from '../../../core/insights/work-cases.ts';
import { formatDuration } from './duration.ts';
import { idleToShow } from './idle.ts';
import { fittingTable } from './insights-table.ts';
import {
  casesText,
  countOf,
  cut,
  groundText,
  type InsightsLook,
  paragraph,
  rateText,
} from './insights-text.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Cell } from './table.ts';

/** Which model at which ambiguity succeeds how often, at what cost and time. */
export function workAsText({ work }: Insights, look: InsightsLook): string {
  const { byModelAndAmbiguity, byModel, byTool, bySize } = work;
  if (byModel.length === 0 && byTool.length === 0) return '';
  const rows: Cell[][] = [];
  const title = (text: string): void => void rows.push([{ text: cut(text, NAME), paint: look.style.bold }]);
  for (const { name, ...all } of byModel) {
    const cells = byModelAndAmbiguity.filter(({ model }) => model === name);
    title(name);
    for (const cell of cells) rows.push(workRow(cell.ambiguity, cell));
    if (cells.length > 1) rows.push(workRow('all', all));
  }
  for (const [heading, group] of [
    ['by tool', byTool],
    ['by size', bySize],
  ] as const) {
    if (group.length < 2) continue;
    title(heading);
    for (const { name, ...figures } of group) rows.push(workRow(name, figures));
  }
  const right = 'right' as const;
  const columns = [
    { title: 'AMBIGUITY' },
    { title: 'DONE', align: right },
    { title: 'RATE, 95%' },
    { title: 'COST', align: right, drop: 1 },
    { title: 'TIME', align: right, drop: 2 },
  ];
  return [
    `${look.style.bold('Models, by the ambiguity of the work')}\n`,
    fittingTable(columns, rows, look),
    ...byModel.map(({ name, ...ground }) =>
      paragraph(`${oneLine(name, 40)}: ${groundText(ground, 'case')}`, 0, look),
    ),
    tasksText(work.tasks, look),
  ].join('');
}

const NAME = 40;

function workRow(name: string, { success, medianCostMicroUsd, medianMs }: WorkFigures): Cell[] {
  return [
    `  ${cut(name, NAME)}`,
    casesText(success),
    rateText(success),
    formatMoney(medianCostMicroUsd),
    formatDuration(medianMs),
  ];
}

function tasksText(
  { tasks, attempts, perAttempt, perTask, firstTry, totals }: Insights['work']['tasks'],
  look: InsightsLook,
): string {
  if (attempts === 0) return '';
  const { retries, executionSeconds, wallClockSeconds } = totals;
  const seconds = (value: number): string =>
    `${value < 0 ? '-' : ''}${formatDuration(Math.abs(value) * 1000)}`;
  const title = `${countOf(tasks, 'task')}, ${countOf(attempts, 'attempt')} and ${countOf(retries, 'retry', 'retries')}`;
  const rows = [
    ['attempts completed', perAttempt],
    ['tasks completed', perTask],
    ['at the first try', firstTry],
  ] as const;
  return [
    `\n${look.style.bold(title)}\n`,
    ...rows.map(([label, rate]) =>
      paragraph(`${casesText(rate)}, ${rateText(rate)}`, TASK_LABEL, look, `${label}:`),
    ),
    paragraph(
      `${seconds(executionSeconds)} of execution in ${seconds(wallClockSeconds)} of wall clock, ${seconds(idleToShow(totals))} idle`,
      TASK_LABEL,
      look,
      'time:',
    ),
  ].join('');
}

const TASK_LABEL = 20;

/** The runs of YAML pipelines. */
export function pipelinesAsText({ pipelines }: Insights, look: InsightsLook): string {
  if (pipelines.length === 0) return '';
  const right = 'right' as const;
  const columns = [
    { title: 'PIPELINE' },
    { title: 'DONE', align: right },
    { title: 'RATE, 95%' },
    { title: 'MEDIAN', align: right, drop: 1 },
    { title: 'P90', align: right, drop: 2 },
  ];
  const rows = pipelines.map((one): Cell[] => [
    cut(one.pipeline, NAME),
    casesText(one.success),
    rateText(one.success),
    formatDuration(one.medianMs),
    formatDuration(one.p90Ms),
  ]);
  const more = pipelines.map(({ pipeline, paused, failures, ...ground }) => {
    const [often] = failures;
    const why =
      often === undefined ? '' : `; most fail by ${oneLine(often.reasonCode)} (${formatCount(often.runs)})`;
    const waits = paused === 0 ? '' : `, ${formatCount(paused)} paused`;
    return paragraph(`${cut(pipeline, NAME)}: ${groundText(ground)}${waits}${why}`, 0, look);
  });
  return `${look.style.bold('Pipelines')}\n${fittingTable(columns, rows, look)}${more.join('')}`;
}
