import { nextPipelineStep } from '../../../core/status/pipeline-next.ts';
import { isReasonCode, reasonOf } from '../../../core/status/reason.ts';
import { resumeCommand } from '../../../core/status/run-status.ts';
import type {
  PipelineRunRecord,
  RollbackRecord,
  RunDetailsDocument,
  RunListDocument,
} from '../../contract/run.ts';
import { asTyped } from '../as-typed.ts';
import { approvalLines, type ReportLook } from './approval.ts';
import { formatInstant } from './duration.ts';
import { UNICODE } from './graph/characters.ts';
import { wrapped } from './graph/wrap.ts';
import { oneLine } from './one-line.ts';
import { exportLines, framesText } from './run-frames.ts';
import { durationText, paintOf, stageSection } from './run-stages.ts';
import { formatPairs, formatTable } from './table.ts';

const LEAST_ID = 8;

/** `pipeline status`: how a run stands, stage by stage, what it waits for, what was undone, and what to type next. */
export function pipelineRunAsText(details: RunDetailsDocument, look: ReportLook): string {
  const { run, stages, approvals, rollbacks } = details;
  const { style } = look;
  // Nobody works at it any more: time stands still, also for what was under way.
  const then = run.completed_at === null ? look : { ...look, now: Date.parse(run.completed_at) };
  const frames = framesText(details);
  const next = nextCommand(run);
  const pairs = formatPairs([
    ['Pipeline', `${run.pipeline}${run.revision === null ? '' : ` (revision ${run.revision})`}`],
    ['Run', run.id],
    ['Status', { text: statusText(run), paint: paintOf(run.status, style) }],
    ['Reason', meaningOf(run)],
    ['Started', `${formatInstant(run.started_at)} by ${oneLine(run.triggered_by)} (${triggerText(run)})`],
    ['Duration', durationText(run.started_at, run.completed_at, look.now)],
    ...(frames === undefined ? [] : [['Frames', frames] as const]),
    ...(next === undefined ? [] : [['Next', asTyped(next)] as const]),
  ]);
  const sections = [
    [style.bold('Stages:'), ...stageSection(stages, then)],
    ...(details.export === null ? [] : [[style.bold('Export:'), ...exportLines(details.export, look)]]),
    ...(approvals.length === 0
      ? []
      : [[style.bold('Approvals:'), ...approvals.flatMap((approval) => approvalLines(approval, look))]]),
    ...rollbacks.map((rollback) => rollbackLines(rollback, then)),
  ];
  return `${pairs}\n${sections.map((lines) => `${lines.join('\n')}\n`).join('\n')}`;
}

/** `pipeline history`: a line per run, as they are given. */
export function pipelineHistoryAsText(runs: Readonly<RunListDocument['runs']>, look: ReportLook): string {
  if (runs.length === 0) return 'no runs\n';
  const length = shortIdLength(runs.map((run) => run.id));
  const titles = ['RUN', 'STATUS', 'STARTED', 'TOOK', 'FRAMES', 'ATTEMPTS', 'TRIGGER'];
  const rows = runs.map((run) => [
    run.id.slice(0, length),
    { text: statusText(run), paint: paintOf(run.status, look.style) },
    formatInstant(run.started_at),
    durationText(run.started_at, run.completed_at, look.now),
    run.metrics === null ? '-' : `${run.metrics.frames_completed}/${run.metrics.total_frames}`,
    run.metrics === null ? '-' : String(run.metrics.total_attempts),
    `${triggerText(run)} by ${oneLine(run.triggered_by, 40)}`,
  ]);
  return formatTable(
    titles.map((title) => ({ title })),
    rows,
    look.style,
  );
}

function rollbackLines(rollback: RollbackRecord, { style, width, now }: ReportLook): string[] {
  const { target_stage, status, failed_stage, requested_by, reason, message, steps } = rollback;
  const cause =
    rollback.cause === 'manual'
      ? `for ${oneLine(requested_by ?? 'somebody')}${reason === null ? '' : `: ${oneLine(reason, 300)}`}`
      : `because ${failed_stage ?? 'a stage'} failed`;
  const name = steps.reduce((most, step) => Math.max(most, step.stage_name.length), 0);
  const word = steps.reduce((most, step) => Math.max(most, step.status.length), 0);
  return [
    style.bold(`Rollback to ${target_stage}:`),
    ...wrapped(`${status}, ${cause}${message === null ? '' : `: ${oneLine(message, 300)}`}`, width - 2).map(
      (line) => `  ${paintOf(status, style)(line)}`,
    ),
    ...steps.flatMap((step) => {
      const paint = paintOf(step.status, style);
      const took = step.started_at === null ? '' : durationText(step.started_at, step.completed_at, now);
      const facts = [took, oneLine(step.agent_id ?? '', 60)].filter((fact) => fact !== '').join('  ');
      const head = `  ${paint(UNICODE.states[step.status] ?? UNICODE.stage)} ${step.stage_name.padEnd(name)}  ${paint(step.status.padEnd(word))}  ${facts}`;
      return [
        head.trimEnd(),
        ...(step.message === null
          ? []
          : wrapped(oneLine(step.message, 600), Math.max(20, width - 6)).map((line) => `      ${line}`)),
      ];
    }),
  ];
}

/** `succeeded with warnings`, `failed (STAGE_FAILED)`: the word of the wire first. */
function statusText({ status, with_warnings, reason_code }: PipelineRunRecord): string {
  if (status === 'succeeded') return with_warnings ? 'succeeded with warnings' : 'succeeded';
  return status === 'running' || status === 'pending' ? status : `${status} (${reason_code})`;
}

/** What the reason code means, also one that a newer version of this program wrote. */
function meaningOf({ reason_code, message }: PipelineRunRecord): string {
  const meaning = isReasonCode(reason_code) ? reasonOf(reason_code).message : reason_code;
  if (message === null || message === meaning) return meaning;
  return message.startsWith(meaning) ? oneLine(message, 600) : `${meaning}: ${oneLine(message, 600)}`;
}

/** What a person can do; approvals bring their own commands. */
function nextCommand({ status, id, reason_code }: PipelineRunRecord): string | undefined {
  switch (status) {
    case 'paused':
    case 'failed':
      // A code that only a newer version knows still belongs to a status.
      if (isReasonCode(reason_code)) return nextPipelineStep(reason_code, id);
      return status === 'paused' ? resumeCommand(id) : `murmur8 pipeline retry ${id}`;
    case 'running':
      return `murmur8 pipeline logs ${id} --follow`;
    case 'waiting_approval':
      return reason_code === 'QUESTION_PENDING' ? `murmur8 answer ${id} "<your answer>"` : undefined;
    case 'pending':
    case 'succeeded':
    case 'cancelled':
      return undefined;
  }
}

function triggerText({ trigger_event, delivery_id }: PipelineRunRecord): string {
  const event = oneLine(trigger_event, 60);
  return delivery_id === null ? event : `${event}, delivery ${oneLine(delivery_id, 40)}`;
}

/** Short ids are typed more easily; as many characters as tell them apart. */
function shortIdLength(ids: readonly string[]): number {
  const longest = ids.reduce((most, id) => Math.max(most, id.length), 0);
  let length = LEAST_ID;
  while (length < longest && new Set(ids.map((id) => id.slice(0, length))).size < new Set(ids).size)
    length += 4;
  return length;
}
