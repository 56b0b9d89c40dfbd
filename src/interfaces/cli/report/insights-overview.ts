import type { Insights } from '../../../core/insights/insights.ts';
import type { Spread } from '../../../core/insights/series.ts';
import type { Change, FigureTrend, RateTrend } from '../../../core/insights/trends.ts';
import { formatDuration } from './duration.ts';
import { sparkline } from './insights-chart.ts';
import { fittingTable } from './insights-table.ts';
import {
  casesText,
  countOf,
  dayOf,
  groundText,
  type InsightsLook,
  paragraph,
  rateText,
} from './insights-text.ts';
import { formatCount, formatMoney } from './money.ts';
import type { Cell } from './table.ts';

/** How the runs ended, over the time that they took place. */
export function overviewAsText({ outcomes, timeline, passedOver }: Insights, look: InsightsLook): string {
  const { runs, success, failed, paused, successRate, from, to, runsWithCost, costMicroUsd } = outcomes;
  const { style } = look;
  const cost =
    costMicroUsd === undefined
      ? 'unknown'
      : `${formatMoney(costMicroUsd)}, told by ${formatCount(runsWithCost)} of ${countOf(runs, 'run')}`;
  const lines: (readonly [string, string])[] = [
    ['Runs', from === undefined ? formatCount(runs) : `${formatCount(runs)}, ${dayOf(from)} to ${dayOf(to)}`],
    ['Success', `${casesText(successRate)} that ended, ${rateText(successRate)}`],
    ['Paused', `${formatCount(paused)}, neither success nor failure`],
    ['Cost', cost],
    ...(passedOver === 0
      ? []
      : [['Unreadable', `${countOf(passedOver, 'entry', 'entries')} of the file, passed over`] as const]),
  ];
  const charts: (readonly [string, readonly (number | undefined)[], string, (text: string) => string])[] = [
    ['Succeeded', timeline.map((step) => step.success), formatCount(success), style.green],
    ['Failed', timeline.map((step) => step.failed), formatCount(failed), style.red],
    ['Duration', timeline.map((step) => step.medianMs), 'median', style.dim],
  ];
  return [
    ...lines.map(([label, value]) => paragraph(value, LABEL, look, `${label}:`)),
    ...(timeline.length === 0 ? [] : charts).map(
      ([label, values, what, paint]) =>
        `${`${label}:`.padEnd(LABEL)}${paint(`|${sparkline(values, look)}|`)} ${what}\n`,
    ),
  ].join('');
}

const LABEL = 12;

/** The window against before. */
export function trendsAsText({ trends }: Insights, look: InsightsLook): string {
  const { windowFrom, window, before, rates, figures } = trends;
  if (windowFrom === undefined || (window.runs === 0 && before.runs === 0)) return '';
  const { style } = look;
  const rows = [
    ...rates.map((trend) => [
      RATES[trend.measure],
      rateText(trend.window),
      rateText(trend.before),
      changeCell(trend),
    ]),
    ...figures.map((trend) => [
      FIGURES[trend.measure],
      spreadText(trend, trend.window),
      spreadText(trend, trend.before),
      changeCell(trend),
    ]),
  ];
  const columns = [
    { title: 'MEASURE' },
    { title: 'SINCE' },
    { title: 'BEFORE', drop: 1 },
    { title: 'CHANGE' },
  ];
  return [
    style.bold(`Since ${dayOf(windowFrom)}, against before`),
    '\n',
    fittingTable(columns, rows, look),
    paragraph(`since: ${groundText(window)}`, 0, look),
    paragraph(`before: ${groundText(before)}`, 0, look),
  ].join('');

  function changeCell({ change }: RateTrend | FigureTrend): Cell {
    const text = CHANGES[change];
    if (change === 'better') return { text, paint: style.green };
    return change === 'worse' ? { text, paint: style.red } : text;
  }
}

const RATES = { 'success-rate': 'success', 'retry-rate': 'retried' } as const;
const FIGURES = { duration: 'duration', cost: 'cost' } as const;
const CHANGES: Readonly<Record<Change, string>> = {
  better: 'better',
  worse: 'worse',
  same: 'none clear',
  'not-enough-data': 'too few',
};

function spreadText({ measure }: FigureTrend, { count, median }: Spread): string {
  if (median === undefined) return '-';
  return `${measure === 'cost' ? formatMoney(median) : formatDuration(median)} of ${formatCount(count)}`;
}
