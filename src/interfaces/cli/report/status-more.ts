import { type ObservedStage, observedStages } from '../../../core/status/observed.ts';
import { resumeCommand } from '../../../core/status/run-status.ts';
import { asTyped } from '../as-typed.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { formatCost, formatCount } from './money.ts';
import { oneLine } from './one-line.ts';
import { type ObservedRun, runStatusDocument, whatNext } from './status-document.ts';
import { type StatusLine, statusLines } from './status-lines.ts';

/** Characters that JSON leaves as they are and that steer a terminal or turn the direction of its writing. */
const STEERING = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The document of `status --json`, on many lines or, for a stream of them, on one. */
export function statusAsJson(run: ObservedRun, form: 'pretty' | 'compact' = 'pretty'): string {
  const text = JSON.stringify(runStatusDocument(run), null, form === 'pretty' ? 2 : undefined);
  const harmless = text.replace(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${harmless}\n`;
}

/** What stands below the status: whose run it is, its stages, what it took, what it waits for, and what to type next. */
export function stagesAsText(run: ObservedRun, width?: number): string {
  const { document } = run;
  const { slug, pipeline, tokens, costMicroUsd, unknownCost, rollback } = document;
  const cost = formatCost(document);
  const part = costMicroUsd > 0 && unknownCost > 0 ? ' (not all agents told theirs)' : '';
  const lines: StatusLine[] = [
    '',
    slug === undefined ? pair('Pipeline', pipeline) : pair('Feature', slug),
    ...(document.stages.length === 0 ? [] : ['Stages:', ...stageLines(run)]),
    ...modelLines(run),
    ...(rollback === undefined ? [] : [pair('Rollback', `to ${rollback.target}: ${rollback.status}`)]),
    ...(tokens === 0 ? [] : [pair('Tokens', formatCount(tokens))]),
    ...(cost === undefined ? [] : [pair('Cost', `${cost}${part}`)]),
    ...waiting(run),
    ...shortcoming(run),
    ...nextLines(run),
  ];
  return `${statusLines(lines, width).join('\n')}\n`;
}

function stageLines({ document, status }: ObservedRun): string[] {
  const stages = observedStages(document, status);
  const width = Math.max(...stages.map((stage) => oneLine(stage.name).length), 0);
  const unit = document.slug === undefined ? 'frames' : 'steps';
  return stages.map((stage) =>
    [
      `  ${oneLine(stage.name).padEnd(width)}`,
      oneLine(stage.status),
      ...(stage.frames > 1 ? [`${stage.done}/${stage.frames} ${unit}`] : []),
      ...tookOf(stage),
      ...(stage.reason === undefined ? [] : [oneLine(stage.reason, 120)]),
    ].join('  '),
  );
}

/** What `--model auto` chose, and how sure the recorded runs made it. */
function modelLines({ document: { modelChoices = [] } }: ObservedRun): string[] {
  if (modelChoices.length === 0) return [];
  const width = Math.max(...modelChoices.map(({ stage }) => oneLine(stage).length));
  return [
    'Models (--model auto):',
    ...modelChoices.map(({ stage, model, reason, successes, of, ambiguity }) =>
      [
        `  ${oneLine(stage).padEnd(width)}`,
        model === undefined ? 'as configured' : oneLine(model, 60),
        ...(successes === undefined || of === undefined ? [] : [`${successes}/${of} succeeded`]),
        ...(ambiguity === undefined ? [] : [`ambiguity ${oneLine(ambiguity)}`]),
        oneLine(reason).replaceAll('-', ' '),
      ].join('  '),
    ),
  ];
}

function tookOf({ startedAt, endedAt }: ObservedStage): string[] {
  if (startedAt === undefined || endedAt === undefined) return [];
  return [formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))];
}

/** Questions and approvals, each with what answers it. */
function waiting({ document, now }: ObservedRun): StatusLine[] {
  const { question, approvals = [], executionId } = document;
  return [
    ...(question === undefined
      ? []
      : [
          pair('Question', question),
          pair('Answer', asTyped(`murmur8 answer ${executionId} "<your answer>"`)),
        ]),
    ...approvals.flatMap(({ id, stage, approved, quorum, waitingFor, deadline }) => {
      const isPast = Date.parse(deadline) <= now;
      const time = `${isPast ? 'its time passed at' : 'until'} ${formatInstant(deadline)}`;
      return [
        pair('Approval', `${stage} waits for ${waitingFor.join(', ')} (${approved} of ${quorum}), ${time}`),
        ...(isPast
          ? []
          : [
              pair('Approve', asTyped(`murmur8 approval approve ${id}`)),
              pair('Reject', asTyped(`murmur8 approval reject ${id} --reason "<why>"`)),
            ]),
      ];
    }),
  ];
}

/** Why a run is only partly a success, where no figure of its says so: frames that failed are counted above. */
function shortcoming({ status: { reason_code, message, metrics } }: ObservedRun): StatusLine[] {
  return reason_code === 'PARTIAL_SUCCESS' && metrics.frames_failed === 0 ? [pair('Message', message)] : [];
}

/** What is next for a failed run stands in its status, as does the command that resumes a stopped one. */
function nextLines(run: ObservedRun): StatusLine[] {
  const { status } = run.status;
  const next = whatNext(run);
  const isSaid = status === 'failed' || (status === 'stopped' && next === bareResume(run));
  return isSaid ? [] : [pair('Next', asTyped(next))];
}

function bareResume({ document: { slug, executionId } }: ObservedRun): string {
  return slug === undefined ? resumeCommand(executionId) : `murmur8 resume ${executionId}`;
}

function pair(label: string, value: string): StatusLine {
  return { label, value: oneLine(value, 600) };
}
