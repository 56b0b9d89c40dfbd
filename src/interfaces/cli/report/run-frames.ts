import type { PipelineStageRecord, RunDetailsDocument, RunExportRecord } from '../../contract/run.ts';
import type { ReportLook } from './approval.ts';
import { wrapped } from './graph/wrap.ts';
import { oneLine } from './one-line.ts';

type Frames = PipelineStageRecord['frames'];
type Frame = Frames['list'][number];

const SHOWN_FAILED = 3;
const SHOWN_FILES = 6;

/** `7 of 8 approved, 1 failed; 15 attempts, 37.5% of frames retried`; undefined where no stage has frames of its own. */
export function framesText({ stages, metrics }: RunDetailsDocument): string | undefined {
  if (!stages.some(({ frames }) => frames.total > 1)) return undefined;
  const { total_frames, frames_completed, frames_failed, total_attempts, retry_rate } = metrics;
  const failed = frames_failed === 0 ? '' : `, ${frames_failed} failed`;
  const attempts = `${total_attempts} ${total_attempts === 1 ? 'attempt' : 'attempts'}`;
  const retried = retry_rate === 0 ? '' : `, ${(retry_rate * 100).toFixed(1)}% of frames retried`;
  return `${frames_completed} of ${total_frames} approved${failed}; ${attempts}${retried}`;
}

/** How the frames of a stage stand, which is the lowest at work, and which failed and why. Nothing of a stage that is one frame. */
export function frameFacts(frames: Frames): string[] {
  const { total, approved, rejected, failed, at_work, list } = frames;
  if (total <= 1) return [];
  const sums = [
    `${approved} of ${total} frames approved`,
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(at_work > 0 ? [`${at_work} at work`] : []),
  ].join(', ');
  const lowest = list.find(({ status }) => AT_WORK.has(status));
  const lost = list.filter(({ status }) => status === 'failed' || status === 'rejected');
  const rest = failed + rejected - Math.min(SHOWN_FAILED, lost.length);
  return [
    sums,
    ...(lowest === undefined ? [] : [`${nameOf(lowest)}: ${lowest.status}${tryOf(lowest)}`]),
    ...lost
      .slice(0, SHOWN_FAILED)
      .map((frame) => `${nameOf(frame)}: ${frame.status}${tryOf(frame)}${whyOf(frame)}`),
    ...(rest > 0 ? [`and ${rest} more frames failed`] : []),
  ];
}

/** Where a run has put what, and whether it holds; or why there is nothing. */
export function exportLines(exported: RunExportRecord, { style, width }: ReportLook): string[] {
  const { status, location, files, validation_passed, reason_code, message } = exported;
  const same = (text: string): string => text;
  const why = message === null ? [] : [{ text: oneLine(message, 600), paint: same }];
  const facts =
    status === 'failed'
      ? [{ text: `✗ failed (${reason_code ?? ''})`, paint: style.red }, ...why]
      : [
          { text: `${oneLine(location ?? '', 300)}: ${filesText(files)}`, paint: same },
          validation_passed
            ? { text: '✓ valid', paint: style.green }
            : { text: '✗ not valid', paint: style.red },
          ...why,
        ];
  return facts.flatMap(({ text, paint }) =>
    wrapped(text, Math.max(20, width - 6)).map((line, nth) => `${nth === 0 ? '  ' : '      '}${paint(line)}`),
  );
}

const AT_WORK = new Set<Frame['status']>(['generating', 'auditing', 'retrying', 'interrupted']);

function nameOf({ frame, title }: Frame): string {
  return `frame ${frame + 1} (${oneLine(title, 60)})`;
}

function tryOf({ attempts, strategy }: Frame): string {
  const nth = attempts > 1 ? `, attempt ${attempts}` : '';
  return strategy === null ? nth : `${nth} with ${oneLine(strategy, 60)}`;
}

function whyOf({ reason_code, message }: Frame): string {
  const why = [reason_code, message].filter((part) => part !== null).map((part) => oneLine(part, 300));
  return why.length === 0 ? '' : `; ${why.join(': ')}`;
}

function filesText(files: readonly string[]): string {
  if (files.length === 0) return 'no files';
  const rest = files.length - SHOWN_FILES;
  const shown = files.slice(0, SHOWN_FILES).map((file) => oneLine(file, 100));
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
