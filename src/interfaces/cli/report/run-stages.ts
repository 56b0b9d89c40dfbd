import type { PipelineStageRecord } from '../../contract/run.ts';
import type { ReportLook } from './approval.ts';
import { formatDuration } from './duration.ts';
import { UNICODE } from './graph/characters.ts';
import { cut, wrapped } from './graph/wrap.ts';
import { oneLine } from './one-line.ts';
import { frameFacts } from './run-frames.ts';
import type { Style } from './style.ts';

const MOST_NAME = 28;

/** `Stages:` of a run: each with its status, how long and how often, who works, how its frames stand, and why it ended so. */
export function stageSection(stages: readonly PipelineStageRecord[], look: ReportLook): string[] {
  const columns = columnsOf(stages, look.now);
  return stages.flatMap((stage) => stageLines(stage, columns, look));
}

/** How long something took or has taken so far. */
export function durationText(from: string, to: string | null, now: number): string {
  return formatDuration(Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)));
}

/** The colour of a status. */
export function paintOf(status: string, style: Style): (text: string) => string {
  switch (status) {
    case 'succeeded':
      return style.green;
    case 'failed':
    case 'cancelled':
      return style.red;
    case 'running':
    case 'waiting_approval':
    case 'paused':
    case 'interrupted':
      return style.yellow;
    default:
      return style.dim;
  }
}

interface Columns {
  readonly name: number;
  readonly status: number;
  readonly took: number;
  readonly attempts: number;
}

function columnsOf(stages: readonly PipelineStageRecord[], now: number): Columns {
  return stages.reduce<Columns>(
    (most, stage) => ({
      name: Math.min(MOST_NAME, Math.max(most.name, stage.stage_name.length)),
      status: Math.max(most.status, stage.status.length),
      took: Math.max(most.took, tookOf(stage, now).length),
      attempts: Math.max(most.attempts, attemptsOf(stage).length),
    }),
    { name: 0, status: 0, took: 0, attempts: 0 },
  );
}

function stageLines(stage: PipelineStageRecord, columns: Columns, look: ReportLook): string[] {
  const { style, width, now } = look;
  const undone = stage.rolled_back_by !== null;
  const paint = paintOf(stage.status, style);
  const glyph = UNICODE.states[undone ? 'undone' : stage.status] ?? UNICODE.stage;
  const name = oneLine(stage.stage_name).padEnd(columns.name);
  const room = Math.max(8, width - 8 - name.length - columns.status);
  const facts = cut(factsOf(stage, columns, now), room);
  const head = `  ${paint(glyph)} ${name}  ${paint(stage.status.padEnd(columns.status))}  ${facts}`;
  const reason = reasonText(stage);
  const more = [...(reason === '' ? [] : [reason]), ...frameFacts(stage.frames)];
  return [
    head.trimEnd(),
    ...more.flatMap((fact) => wrapped(fact, Math.max(20, width - 6)).map((line) => `      ${line}`)),
  ];
}

/** How long and how often in columns, as far as there is any, and who works. */
function factsOf(stage: PipelineStageRecord, columns: Columns, now: number): string {
  const work = oneLine(stage.agent_id ?? 'command', 60);
  return [
    ...(columns.took === 0 ? [] : [tookOf(stage, now).padStart(columns.took)]),
    ...(columns.attempts === 0 ? [] : [attemptsOf(stage).padEnd(columns.attempts)]),
    stage.environment === null ? work : `${work} · ${oneLine(stage.environment, 40)}`,
    ...(stage.rolled_back_by === null ? [] : ['undone']),
  ].join('  ');
}

function tookOf({ started_at, completed_at }: PipelineStageRecord, now: number): string {
  return started_at === null ? '' : durationText(started_at, completed_at, now);
}

function attemptsOf({ frames: { total, total_attempts } }: PipelineStageRecord): string {
  return total_attempts > 1 && total_attempts !== total ? `${total_attempts} attempts` : '';
}

function reasonText({ reason_code, message }: PipelineStageRecord): string {
  return [reason_code, message]
    .filter((part) => part !== null)
    .map((part) => oneLine(part, 600))
    .join(': ');
}
