import type { ListedPipeline } from '../../../../compose/pipelines/list.ts';
import { asTyped } from '../../as-typed.ts';
import { formatInstant } from '../duration.ts';
import { triggersAsText } from '../graph/stage-text.ts';
import { oneLine } from '../one-line.ts';
import type { Style } from '../style.ts';
import { type Cell, formatTable } from '../table.ts';

const COLUMNS = [
  { title: 'PIPELINE' },
  { title: 'ENABLED' },
  { title: 'REVISION', align: 'right' },
  { title: 'STAGES', align: 'right' },
  { title: 'LAST RUN' },
  { title: 'STARTS' },
] as const;

/** The registered pipelines as a table, and below it what somebody has to see to. */
export function listAsText(
  pipelines: readonly ListedPipeline[],
  style: Style,
  fileOf: (path: string) => string,
): string {
  if (pipelines.length === 0)
    return asTyped('no pipelines yet; murmur8 pipeline create <file> registers one\n');
  const table = formatTable(
    COLUMNS,
    pipelines.map((one) => rowOf(one, style)),
    style,
  );
  const notes = pipelines.flatMap((one) => {
    const note = noteOf(one, fileOf);
    return note === undefined ? [] : [`${style.yellow('note')}: ${oneLine(asTyped(note), 1000)}\n`];
  });
  return notes.length === 0 ? table : `${table}\n${notes.join('')}`;
}

/** What keeps a pipeline from being run as its file says now. */
export function noteOf(
  { seen, pipeline }: Pick<ListedPipeline, 'seen' | 'pipeline'>,
  fileOf: (path: string) => string,
): string | undefined {
  const { name, revision } = seen.record;
  const file = fileOf(seen.file);
  const { definition } = seen;
  if (definition.state === 'edited')
    return `${file} was edited since revision ${revision}; run murmur8 pipeline update ${name} ${file}`;
  if (definition.state === 'missing')
    return `${file} is gone; put it back with murmur8 pipeline update ${name} <file>`;
  if (definition.state === 'unreadable') return `${file} cannot be read: ${definition.problem.message}`;
  return pipeline === undefined
    ? `${file} has errors by now; murmur8 pipeline validate ${file} shows them`
    : undefined;
}

function rowOf({ seen, pipeline, lastRun }: ListedPipeline, style: Style): Cell[] {
  const { name, enabled, revision } = seen.record;
  const triggers = triggersAsText(pipeline?.triggers ?? []);
  return [
    name,
    enabled ? 'yes' : { text: 'no', paint: style.yellow },
    seen.definition.state === 'registered' ? String(revision) : `${revision}, ${seen.definition.state}`,
    pipeline === undefined ? '?' : String(pipeline.stages.length),
    lastRun === undefined ? '-' : lastRunCell(lastRun, style),
    oneLine(triggers.join('; ') || 'by hand', 80),
  ];
}

function lastRunCell({ document }: NonNullable<ListedPipeline['lastRun']>, style: Style): Cell {
  const { phase, startedAt, withWarnings } = document;
  const paint = phase === 'succeeded' ? style.green : phase === 'failed' ? style.red : style.yellow;
  const word = phase === 'succeeded' && withWarnings === true ? 'succeeded with warnings' : phase;
  return { text: oneLine(`${word.replaceAll('_', ' ')}, ${formatInstant(startedAt)}`), paint };
}
