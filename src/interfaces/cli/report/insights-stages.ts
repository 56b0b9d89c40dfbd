import type { Calibration } from '../../../core/insights/calibration.ts';
import type { Insights } from '../../../core/insights/insights.ts';
import { formatDuration } from './duration.ts';
import { bar } from './insights-chart.ts';
import { fittingTable } from './insights-table.ts';
import {
  casesText,
  countOf,
  cut,
  dayOf,
  groundText,
  type InsightsLook,
  paragraph,
  percent,
  rateText,
  shortId,
} from './insights-text.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Cell } from './table.ts';

const NAME = 40;
const BAR = 5;
const right = 'right' as const;

/** Where the time goes: share, median and slowest tenth of each stage. */
export function bottlenecksAsText({ bottlenecks }: Insights, look: InsightsLook): string {
  if (bottlenecks.length === 0) return '';
  const columns = [
    { title: 'STAGE' },
    { title: 'TIME', align: right },
    { title: '', drop: 2 },
    { title: 'MEDIAN', align: right },
    { title: 'P90', align: right, drop: 4 },
    { title: 'RETRIED', align: right, drop: 3 },
    { title: 'COST', align: right, drop: 5 },
    { title: 'RUNS', align: right },
  ];
  const rows = bottlenecks.map((one): Cell[] => [
    cut(one.stage, NAME),
    one.totalMs === 0 ? '-' : percent(one.timeShare),
    bar(one.timeShare, BAR, look),
    formatDuration(one.medianMs),
    formatDuration(one.p90Ms),
    one.counted === 0 ? '-' : percent(one.retried / one.counted),
    formatMoney(one.costMicroUsd),
    formatCount(one.runs),
  ]);
  const [first] = bottlenecks;
  const slowest =
    first === undefined || first.runIds.length === 0
      ? ''
      : paragraph(`slowest at ${cut(first.stage, NAME)}: ${first.runIds.map(shortId).join(', ')}`, 0, look);
  return `${look.style.bold('Where the time goes')}\n${fittingTable(columns, rows, look)}${slowest}`;
}

/** What runs fail by, and what others only stopped for. */
export function failuresAsText({ failures, stops, outcomes }: Insights, look: InsightsLook): string {
  const { style } = look;
  const failed = failures.map(({ stage, reasonCode, kind, share, last, ...ground }) =>
    [
      paragraph(
        `${oneLine(stage ?? 'outside of a stage')}, ${oneLine(reasonCode ?? 'no reason recorded')}${kind === 'work' ? '' : ` (${kind})`}`,
        6,
        look,
        percent(share).padStart(4),
      ),
      paragraph(`${groundText(ground)}${last === undefined ? '' : `; last ${dayOf(last)}`}`, 6, look),
    ].join(''),
  );
  const stopped = stops.map(({ reasonCode, ...ground }) =>
    paragraph(`${oneLine(reasonCode ?? 'no reason recorded')}, ${groundText(ground)}`, 6, look, '   -'),
  );
  return [
    ...(failed.length === 0
      ? []
      : [`${style.bold(`Why ${countOf(outcomes.failed, 'run')} failed`)}\n`, ...failed]),
    ...(stopped.length === 0
      ? []
      : [`${style.bold(`Why ${countOf(outcomes.paused, 'run')} paused`)}\n`, ...stopped]),
  ].join('');
}

/** Executions far from what is usual at their stage with their model. */
export function anomaliesAsText({ anomalies: { found, listed } }: Insights, look: InsightsLook): string {
  if (listed.length === 0) return '';
  const columns = [
    { title: 'STAGE' },
    { title: 'VALUE', align: right },
    { title: 'USUAL', align: right, drop: 1 },
    { title: 'TIMES', align: right },
    { title: 'OF', align: right, drop: 3 },
    { title: 'RUN' },
    { title: 'DAY', drop: 4 },
    { title: 'FEATURE', drop: 5 },
    { title: 'MODEL', drop: 6 },
  ];
  const rows = listed.map((one): Cell[] => {
    const figure = one.measure === 'cost' ? formatMoney : formatDuration;
    return [
      cut(one.stage, NAME),
      figure(one.value),
      figure(one.median),
      one.factor >= 100 ? formatCount(one.factor) : one.factor.toFixed(one.factor < 0.1 ? 3 : 1),
      formatCount(one.runs),
      one.runId === undefined ? '-' : shortId(one.runId),
      dayOf(one.startedAt),
      cut(one.slug, NAME),
      one.model === undefined ? '-' : cut(one.model, NAME),
    ];
  });
  const more =
    found > listed.length ? paragraph(`and ${formatCount(found - listed.length)} more`, 0, look) : '';
  return `${look.style.bold(`Unusual: ${countOf(found, 'execution')}`)}\n${fittingTable(columns, rows, look)}${more}`;
}

/** Whether ratings said how the run would end. */
export function calibrationAsText({ calibration }: Insights, look: InsightsLook): string {
  if (calibration.length === 0) return '';
  const { style } = look;
  const columns = [
    { title: 'RATED' },
    { title: 'LOW', align: right },
    { title: '', drop: 1 },
    { title: 'HIGH', align: right },
    { title: '', drop: 1 },
    { title: 'A LOW RATING' },
  ];
  const rows = calibration.map((one): Cell[] => [
    cut(one.stage, NAME),
    casesText(one.low),
    rateText(one.low),
    casesText(one.high),
    rateText(one.high),
    { text: VERDICTS[one.verdict], paint: one.verdict === 'foretells' ? style.green : (text) => text },
  ]);
  const ground = calibration.map((one) => paragraph(`${cut(one.stage, NAME)}: ${groundText(one)}`, 0, look));
  const title =
    look.width < 60
      ? 'Success after low and high ratings'
      : 'Runs that succeeded, after a low and after a high rating of a stage';
  return `${style.bold(title)}\n${fittingTable(columns, rows, look)}${ground.join('')}`;
}

const VERDICTS: Readonly<Record<Calibration['verdict'], string>> = {
  foretells: 'foretells failure',
  misleads: 'misleads',
  'no-clear-link': 'says little',
  'not-enough-data': 'not enough data',
};
