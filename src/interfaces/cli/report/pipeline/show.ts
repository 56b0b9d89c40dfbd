import { plainText } from '../../../../core/agent/plain-text.ts';
import type { Stage } from '../../../../core/pipeline/definition.ts';
import type { PipelineDetailsDocument } from '../../../contract/pipeline.ts';
import { asTyped } from '../../as-typed.ts';
import { formatInstant } from '../duration.ts';
import { detailsOf, exportAsText, formatLimit, limitsAsText, workAsText } from '../graph/stage-text.ts';
import { oneLine } from '../one-line.ts';
import type { Style } from '../style.ts';
import { formatPairs, formatTable } from '../table.ts';

/** What a pipeline is, how its stages hang together, and its definition. */
export function showAsText(details: PipelineDetailsDocument, stages: readonly Stage[], style: Style): string {
  const titles = ['STAGE', 'WORK', 'AFTER', 'LIMIT', 'MORE'].map((title) => ({ title }));
  const table = formatTable(
    titles,
    stages.map((stage) => [
      stage.name,
      oneLine(workAsText(stage.work), 40),
      oneLine(stage.needs.join(', ') || '-', 40),
      formatLimit(stage.timeoutMs),
      oneLine(detailsOf(stage).join('; '), 240),
    ]),
    style,
  );
  return [
    formatPairs(factsOf(details)),
    '\n',
    `${style.bold(countOf(details))}\n`,
    table,
    '\n',
    `${style.bold('Definition')}\n`,
    `${plainText(details.definition).trimEnd()}\n`,
  ].join('');
}

function factsOf(details: PipelineDetailsDocument): [string, string][] {
  const { pipeline, name, description, triggers, schedules, variables, last_run: run } = details;
  const { limits, export: exported } = details;
  const assigned = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  return [
    ['Pipeline', name],
    ...(description === '' ? [] : [['About', oneLine(description, 400)] as [string, string]]),
    ['State', stateOf(details)],
    ['File', details.file],
    ...(pipeline === null ? [] : [['Updated', formatInstant(pipeline.updated_at)] as [string, string]]),
    ['Starts', oneLine(triggers.join('; ') || 'by hand', 400)],
    ...schedules.map(({ next }): [string, string] => ['Next', next.map(formatInstant).join(', ') || 'never']),
    ...(Object.keys(limits).length === 0 ? [] : [['Stops at', limitsAsText(limits)] as [string, string]]),
    ...(exported === null ? [] : [['Exports', oneLine(exportAsText(exported), 400)] as [string, string]]),
    ...(assigned.length === 0 ? [] : [['Variables', oneLine(assigned.join(', '), 400)] as [string, string]]),
    ...(run === null
      ? []
      : [
          ['Last run', `${run.id}, ${run.status.replaceAll('_', ' ')}, ${formatInstant(run.started_at)}`] as [
            string,
            string,
          ],
        ]),
  ];
}

function stateOf({ pipeline, definition_state, name, file }: PipelineDetailsDocument): string {
  if (pipeline === null) return asTyped(`not registered; murmur8 pipeline create ${file} registers it`);
  const { enabled, revision } = pipeline;
  const state = `${enabled ? 'enabled' : 'disabled'}, revision ${revision}`;
  return definition_state === 'registered'
    ? state
    : asTyped(`${state}; edited since, so that it is not run: murmur8 pipeline update ${name} ${file}`);
}

function countOf({ stages, max_parallel }: PipelineDetailsDocument): string {
  return stages.length === 1 ? '1 stage' : `${stages.length} stages, at most ${max_parallel} at a time`;
}
