import type { Calibration } from '../../../core/insights/calibration.ts';
import type { Insights } from '../../../core/insights/insights.ts';
import { formatDuration } from './duration.ts';
import { bar } from './insights-chart.ts';
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
import { type Cell, formatTable } from './table.ts';

const STAGE = 15;
const BAR = 5;
const ROOM_FOR_COST = 80;
const ROOM_FOR_RATES = 90;

/** Where the time goes: share, median and slowest tenth of each stage. */
export function bottlenecksAsText({ bottlenecks }: Insights, look: InsightsLook): string {
  if (bottlenecks.length === 0) return '';
  const hasCost = look.width >= ROOM_FOR_COST;
  const right = 'right' as const;
  const columns = [
    { title: 'STAGE' },
    { title: 'TIME', align: right },
    { title: '' },
    { title: 'MEDIAN', align: right },
    { title: 'P90', align: right },
    { title: 'AGAIN', align: right },
    ...(hasCost ? [{ title: 'COST', align: right }] : []),
    { title: 'RUNS', align: right },
  ];
  const rows = bottlenecks.map((one): Cell[] => [
    cut(one.stage, STAGE),
    one.totalMs === 0 ? '-' : percent(one.timeShare),
    bar(one.timeShare, BAR, look),
    formatDuration(one.medianMs),
    formatDuration(one.p90Ms),
    one.counted === 0 ? '-' : percent(one.retried / one.counted),
    ...(hasCost ? [formatMoney(one.costMicroUsd)] : []),
    formatCount(one.runs),
  ]);
  const [first] = bottlenecks;
  const slowest =
    first === undefined || first.runIds.length === 0
      ? ''
      : paragraph(`slowest at ${cut(first.stage, STAGE)}: ${first.runIds.map(shortId).join(', ')}`, 0, look);
  return `${look.style.bold('Where the time goes')}\n${formatTable(columns, rows, look.style)}${slowest}`;
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

/** Executions far from what is usual at their stage. */
export function anomaliesAsText({ anomalies: { found, listed } }: Insights, look: InsightsLook): string {
  if (listed.length === 0) return '';
  const lines = listed.map((one) => {
    const figure = one.measure === 'cost' ? formatMoney : formatDuration;
    const times = one.factor >= 1 ? `${one.factor.toFixed(1)} times` : percent(one.factor);
    const where = `${oneLine(one.slug, 40)}${one.runId === undefined ? '' : `, run ${shortId(one.runId)}`}, ${dayOf(one.startedAt)}`;
    const text = `${cut(one.stage, STAGE)}: ${figure(one.value)}, ${times} the usual ${figure(one.median)} (of ${formatCount(one.runs)}); ${where}`;
    return paragraph(text, 2, look);
  });
  const more =
    found > listed.length ? paragraph(`and ${formatCount(found - listed.length)} more`, 2, look) : '';
  return `${look.style.bold(`Unusual: ${countOf(found, 'execution')}`)}\n${lines.join('')}${more}`;
}

/** Whether ratings said how the run would end. */
export function calibrationAsText({ calibration }: Insights, look: InsightsLook): string {
  if (calibration.length === 0) return '';
  const { style } = look;
  const hasRates = look.width >= ROOM_FOR_RATES;
  const rate = (value: Calibration['low']): string =>
    hasRates ? `${casesText(value)}, ${rateText(value)}` : casesText(value);
  const columns = [
    { title: 'RATED STAGE' },
    { title: 'RATED LOW' },
    { title: 'RATED HIGH' },
    { title: 'A LOW RATING' },
  ];
  const rows = calibration.map((one): Cell[] => [
    cut(one.stage, STAGE),
    rate(one.low),
    rate(one.high),
    { text: VERDICTS[one.verdict], paint: one.verdict === 'foretells' ? style.green : (text) => text },
  ]);
  const ground = calibration.map((one) => paragraph(`${cut(one.stage, STAGE)}: ${groundText(one)}`, 0, look));
  return `${style.bold('Ratings: runs that succeeded after them')}\n${formatTable(columns, rows, style)}${ground.join('')}`;
}

const VERDICTS: Readonly<Record<Calibration['verdict'], string>> = {
  foretells: 'foretells failure',
  misleads: 'misleads',
  'no-clear-link': 'says little',
  'not-enough-data': 'not enough data',
};
