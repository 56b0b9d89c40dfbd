import type { CostShare, HistoryCosts } from '../../../core/history/cost.ts';
import type { HistoryStatistics } from '../../../core/history/statistics.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { formatCount, formatKnownCost, formatMoney, formatPercent } from './money.ts';
import type { Style } from './style.ts';
import { type Cell, formatPairs, formatTable } from './table.ts';

/** `history --stats` for people. */
export function formatStatistics(statistics: HistoryStatistics, style: Style): string {
  const { mostCommonFailingStage: failing, other } = statistics;
  const ended = statistics.success + statistics.failed;
  const pairs: (readonly [string, Cell])[] = [
    ['Runs', formatCount(statistics.runs)],
    ['Success', { text: formatCount(statistics.success), paint: style.green }],
    ['Failed', { text: formatCount(statistics.failed), paint: style.red }],
    ['Paused', { text: formatCount(statistics.paused), paint: style.yellow }],
    ...(other === 0 ? [] : [['Other', formatCount(other)] as const]),
    ['Success rate', `${formatPercent(statistics.successRate)} of ${formatCount(ended)} that ended`],
    ['Average duration', formatDuration(statistics.averageMs)],
    [
      'Shortest, longest',
      `${formatDuration(statistics.shortestMs)}, ${formatDuration(statistics.longestMs)}`,
    ],
    ['Fails most often', failing === undefined ? '-' : `${failing.name} (${formatCount(failing.failures)})`],
    ['From, to', `${formatInstant(statistics.from)}, ${formatInstant(statistics.to)}`],
  ];
  if (statistics.stages.length === 0) return formatPairs(pairs);
  const table = formatTable(
    [
      { title: 'STAGE' },
      { title: 'RUNS', align: 'right' },
      { title: 'AVERAGE', align: 'right' },
      { title: 'LONGEST', align: 'right' },
      { title: 'FAILURES', align: 'right' },
    ],
    statistics.stages.map((stage) => [
      stage.name,
      formatCount(stage.timed),
      formatDuration(stage.averageMs),
      formatDuration(stage.longestMs),
      formatCount(stage.failures),
    ]),
    style,
  );
  return `${formatPairs(pairs)}\n${table}`;
}

/** `history --cost` for people. */
export function formatCosts(costs: HistoryCosts, style: Style): string {
  const { dearest } = costs;
  const pairs: (readonly [string, Cell])[] = [
    ['Runs', `${formatCount(costs.runs)}, ${formatCount(costs.runsWithCost)} with a known cost`],
    ['Total', costs.runsWithCost === 0 ? '-' : formatKnownCost(costs.totalMicroUsd, costs.incomplete)],
    ['Average per run', formatMoney(costs.averageMicroUsd)],
    [
      'Dearest run',
      dearest === undefined ? '-' : `${formatMoney(dearest.microUsd)} ${dearest.slug} ${dearest.runId ?? ''}`,
    ],
  ];
  const tables = [
    ['STAGE', costs.byStage],
    ['MODEL', costs.byModel],
  ] as const;
  const shown = tables.filter(([, shares]) => shares.length > 0);
  return (
    formatPairs(pairs) + shown.map(([title, shares]) => `\n${shareTable(title, shares, style)}`).join('')
  );
}

function shareTable(title: string, shares: readonly CostShare[], style: Style): string {
  return formatTable(
    [
      { title },
      { title: 'COUNT', align: 'right' },
      { title: 'TOKENS', align: 'right' },
      { title: 'COST', align: 'right' },
    ],
    shares.map((share) => [
      share.name,
      formatCount(share.count),
      formatCount(share.tokens),
      formatMoney(share.microUsd),
    ]),
    style,
  );
}
