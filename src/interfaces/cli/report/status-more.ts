import type { StatusDocument } from '../../../core/status/document.ts';
import type { RunStatus } from '../../../core/status/run-status.ts';
import { formatDuration } from './duration.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';

/** The document of `status --json`: the status of seed 002 with what belongs to it. */
export function statusAsJson(document: StatusDocument, status: RunStatus): string {
  const {
    executionId,
    runId,
    previousRunId,
    pipeline,
    slug,
    phase,
    startedAt,
    endedAt,
    stages,
    question,
    commit,
  } = document;
  const more = {
    executionId,
    runId,
    previousRunId,
    pipeline,
    slug,
    run_status: phase,
    startedAt,
    endedAt,
    stages,
    question,
    commit,
  };
  return `${JSON.stringify({ ...more, ...status, status_history: document.status_history }, null, 2)}\n`;
}

/** The stages below the status, with an open question and what it took. */
export function stagesAsText(document: StatusDocument): string {
  const width = Math.max(...document.stages.map((stage) => stage.name.length), 0);
  const lines = document.stages.map((stage) => {
    const took =
      stage.startedAt === undefined || stage.endedAt === undefined
        ? ''
        : `  ${formatDuration(Date.parse(stage.endedAt) - Date.parse(stage.startedAt))}`;
    const frames = stage.frames > 1 ? `  ${stage.done}/${stage.frames} steps` : '';
    const reason = stage.reason === undefined ? '' : `  ${oneLine(stage.reason, 120)}`;
    return `  ${stage.name.padEnd(width)}  ${stage.status}${frames}${took}${reason}`;
  });
  const tokens = document.tokens === 0 ? [] : [`Tokens:     ${formatCount(document.tokens)}`];
  const cost =
    document.costMicroUsd === 0
      ? []
      : [
          `Cost:       ${formatMoney(document.costMicroUsd)}${document.unknownCost > 0 ? ' (not all agents tell theirs)' : ''}`,
        ];
  const question =
    document.question === undefined
      ? []
      : [
          `Question:   ${oneLine(document.question, 400)}`,
          `Answer:     murmur8 answer ${document.executionId} "<your answer>"`,
        ];
  const feature = document.slug === undefined ? [] : [`Feature:    ${document.slug}`];
  return `${['', ...feature, 'Stages:', ...lines, ...tokens, ...cost, ...question].join('\n')}\n`;
}
