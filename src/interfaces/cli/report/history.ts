import {
  costOf,
  durationOf,
  failedStageOf,
  isCostIncomplete,
  pausedAfterOf,
  type RecordedEntry,
  stagesOf,
  textOf,
  tokensOf,
} from '../../../core/history/recorded-entry.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { formatCount, formatKnownCost } from './money.ts';
import type { Style } from './style.ts';
import { type Cell, formatPairs, formatTable } from './table.ts';

const SHORT_ID = 8;

/** What there is to say before the first run. */
export function formatEmptyHistory(): string {
  return 'No runs recorded yet.\nhint: murmur8 implement-feature <slug> runs the first one\n';
}

/** One line per run. */
export function formatHistoryList(entries: readonly RecordedEntry[], style: Style): string {
  const columns = [
    { title: 'RUN' },
    { title: 'FEATURE' },
    { title: 'STATUS' },
    { title: 'STARTED' },
    { title: 'DURATION', align: 'right' as const },
    { title: 'COST', align: 'right' as const },
    { title: 'ENDED AT' },
  ];
  const rows = entries.map((entry): Cell[] => [
    textOf(entry, 'runId')?.slice(0, SHORT_ID) ?? '-',
    entry.slug,
    statusCell(entry, style),
    formatInstant(textOf(entry, 'startedAt')),
    formatDuration(durationOf(entry)),
    formatKnownCost(costOf(entry), isCostIncomplete(entry)),
    endOf(entry),
  ]);
  return formatTable(columns, rows, style);
}

/** Everything about one run. */
export function formatHistoryEntry(entry: RecordedEntry, style: Style): string {
  const pairs: (readonly [string, Cell | undefined])[] = [
    ['Run', textOf(entry, 'runId')],
    ['Continues', textOf(entry, 'previousRunId')],
    ['Feature', entry.slug],
    ['Feature id', textOf(entry, 'featureId')],
    ['Status', statusCell(entry, style)],
    ['Reason', textOf(entry, 'reasonCode')],
    ['Failed stage', failedStageOf(entry)],
    ['Paused after', pausedAfterOf(entry)],
    ['Started', formatInstant(textOf(entry, 'startedAt'))],
    ['Completed', formatInstant(textOf(entry, 'completedAt'))],
    ['Duration', formatDuration(durationOf(entry))],
    ['Tokens', formatCount(tokensOf(entry))],
    ['Cost', formatKnownCost(costOf(entry), isCostIncomplete(entry))],
    ['Commit', textOf(entry, 'commitHash')],
    ['Pipeline', textOf(entry, 'pipelineVersion')],
  ];
  const known = pairs.flatMap(([label, cell]) => (cell === undefined ? [] : [[label, cell] as const]));
  const stages = stagesOf(entry);
  return formatPairs(known) + (stages.length === 0 ? '' : `\n${stageTable(entry, style)}`);
}

function stageTable(entry: RecordedEntry, style: Style): string {
  return formatTable(
    [
      { title: 'STAGE' },
      { title: 'STATUS' },
      { title: 'STARTED' },
      { title: 'DURATION', align: 'right' },
      { title: 'ATTEMPTS', align: 'right' },
      { title: 'TOKENS', align: 'right' },
      { title: 'COST', align: 'right' },
      { title: 'MODEL' },
    ],
    stagesOf(entry).map((stage) => [
      stage.name,
      stage.status ?? '-',
      formatInstant(stage.startedAt),
      formatDuration(stage.durationMs),
      formatCount(stage.attempts),
      formatCount(stage.tokens),
      formatKnownCost(stage.costMicroUsd, stage.costIncomplete),
      stage.model ?? '-',
    ]),
    style,
  );
}

function statusCell(entry: RecordedEntry, style: Style): Cell {
  const { status } = entry;
  if (status === 'success') return { text: `✔ ${status}`, paint: style.green };
  if (status === 'failed') return { text: `✖ ${status}`, paint: style.red };
  if (status === 'paused') return { text: `‖ ${status}`, paint: style.yellow };
  return `? ${status}`;
}

function endOf(entry: RecordedEntry): string {
  const reason = textOf(entry, 'reasonCode');
  const stage = failedStageOf(entry) ?? pausedAfterOf(entry);
  if (entry.status === 'success') return '';
  if (stage === undefined) return reason ?? '';
  return reason === undefined ? stage : `${stage} (${reason})`;
}
