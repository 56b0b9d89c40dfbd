import { figure } from '../../../core/status/figure.ts';
import { nextStep } from '../../../core/status/reason.ts';
import type {
  CompletedDetails,
  FailedDetails,
  InProgressDetails,
  RunStatus,
  StoppedDetails,
  WaitingDetails,
} from '../../../core/status/run-status.ts';
import { asTyped } from '../as-typed.ts';
import { formatClock, formatInstant } from './duration.ts';
import { oneLine } from './one-line.ts';
import { type StatusLine, statusLines } from './status-lines.ts';
import { PLAIN, type Style } from './style.ts';

const BAR_CELLS = 16;
const RULE_CELLS = 55;
const LONGEST = 1000;

export interface StatusFormat {
  /** Id of the run, for the title. */
  readonly runId?: string;
  /** Without it the text has no colour. */
  readonly style?: Style;
  /** Columns of the terminal. Without it no line is broken, as for a pipe. */
  readonly width?: number;
  /** What to type next about a failed run; without it what its reason code says of features. */
  readonly next?: string;
}

/** A run's status in the layout of seed 002: title, rule, key-value pairs, bar, metrics, then what its state adds. */
export function formatStatusForCLI(status: RunStatus, format: StatusFormat = {}): string {
  const { width } = format;
  const lines: StatusLine[] = [
    `📊 Run Status: ${oneLine(format.runId ?? '', LONGEST)}`.trimEnd(),
    '═'.repeat(Math.min(RULE_CELLS, width ?? RULE_CELLS)),
    '',
    { ...pair('Status', `${glyph(status)} ${wordOf(status)}`), paint: paintOf(status, format) },
    ...head(status),
    pair('Progress', bar(progressOf(status))),
    '',
    'Metrics:',
    ...metrics(status),
    ...tail(status, format),
  ];
  return `${statusLines(lines, width).join('\n')}\n`;
}

function wordOf({ status, reason_code }: RunStatus): string {
  return `${status} (${reason_code})`;
}

/** In percent: what is done of all frames, however it ended; a completed run has nothing left to do. */
function progressOf(status: RunStatus): number {
  const { total_frames: total, frames_completed, frames_failed } = status.metrics;
  if (total === 0) return isCompleted(status) ? 100 : 0;
  return ((frames_completed + frames_failed) / total) * 100;
}

function bar(percent: number): string {
  const filled = Math.max(0, Math.min(BAR_CELLS, Math.round((percent / 100) * BAR_CELLS)));
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}] ${percent === 100 ? '100' : percent.toFixed(1)}%`;
}

function head(status: RunStatus): StatusLine[] {
  if (isInProgress(status)) {
    const { current_frame_index, current_attempt, elapsed_time_ms } = status.details;
    const total = status.metrics.total_frames;
    const frame = Math.min(current_frame_index + 1, Math.max(1, total));
    const attempt = current_attempt === 0 ? '' : ` (Attempt ${current_attempt})`;
    return [
      pair('Frame', total === 0 ? 'none yet' : `${frame} of ${total}${attempt}`),
      pair('Elapsed', formatClock(elapsed_time_ms)),
    ];
  }
  if (isCompleted(status)) return [pair('Duration', formatClock(status.details.total_duration_ms))];
  return [pair('Message', status.message)];
}

function metrics(status: RunStatus): StatusLine[] {
  const { total_frames, frames_completed, frames_failed, total_attempts, retry_rate } = status.metrics;
  const completed = isCompleted(status)
    ? inner('Success', `${frames_completed}/${total_frames} frames (${percent(status.details.success_rate)})`)
    : inner('Completed', `${frames_completed}/${total_frames} frames`);
  return [
    completed,
    inner('Failed', `${frames_failed}/${total_frames} frames`),
    inner('Attempts', `${total_attempts} total`),
    inner('Retry Rate', percent(retry_rate)),
  ];
}

/** What the state adds, behind an empty line; nothing where there is nothing to add. */
function tail(status: RunStatus, format: StatusFormat): StatusLine[] {
  const lines = addition(status, format);
  return lines.length === 0 ? [] : ['', ...lines];
}

function addition(status: RunStatus, { runId = '', next }: StatusFormat): StatusLine[] {
  if (isInProgress(status)) return current(status.details);
  if (isCompleted(status)) return exported(status.details);
  if (isStopped(status)) {
    const { stop_condition, threshold, actual_value, frames_remaining, resume_command } = status.details;
    return [
      pair(
        'Stopped by',
        `${stop_condition} (threshold ${figure(threshold)}, actual ${figure(actual_value)})`,
      ),
      pair('Remaining', `${frames_remaining} ${frames_remaining === 1 ? 'frame' : 'frames'}`),
      // What was cancelled or replaced does not go on.
      ...(FINAL.has(status.reason_code) ? [] : [pair('Resume', asTyped(resume_command))]),
    ];
  }
  const details = status.details as FailedDetails;
  return [
    pair('Error', `${details.error_code} (${details.error_type})`),
    ...(details.diagnostic_path === undefined ? [] : [pair('Diagnostic', details.diagnostic_path)]),
    ...stackOf(details),
    pair('Next', asTyped(next ?? nextStep(status.reason_code, runId))),
  ];
}

const FINAL = new Set(['USER_CANCELLED', 'SUPERSEDED']);

function current({ current_action, estimated_remaining_ms, waiting }: InProgressDetails): StatusLine[] {
  return [
    ...(current_action === undefined ? [] : [pair('Current', current_action)]),
    ...(waiting === undefined ? [] : [pair('Waiting', waitingText(waiting))]),
    ...(estimated_remaining_ms === undefined
      ? []
      : [pair('Remaining', `about ${formatClock(estimated_remaining_ms)}`)]),
  ];
}

function waitingText({ until, remaining_ms, outcome, message }: WaitingDetails): string {
  const why = message === undefined ? outcome : `${outcome}: ${message}`;
  return `${formatClock(remaining_ms)}, until ${formatInstant(until)} (${why})`;
}

/** A run that has put nothing anywhere has no export to speak of. */
function exported({ export_location, atlas_files, validation_passed }: CompletedDetails): StatusLine[] {
  if (export_location === '' && atlas_files.length === 0) return [];
  return [
    'Export:',
    ...(export_location === '' ? [] : [inner('Location', export_location)]),
    ...(atlas_files.length === 0 ? [] : [inner('Atlas', listed(atlas_files))]),
    inner('Validation', validation_passed ? '✅ PASSED' : '❌ FAILED'),
  ];
}

/** Only there where a developer of this program asked for it. */
function stackOf({ stack_trace }: FailedDetails): StatusLine[] {
  if (stack_trace === undefined) return [];
  return ['Stack:', ...stack_trace.split('\n').map((line) => `  ${oneLine(line, LONGEST)}`)];
}

const SHOWN_FILES = 6;

function listed(files: readonly string[]): string {
  const rest = files.length - SHOWN_FILES;
  return `${files.slice(0, SHOWN_FILES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

type With<Details> = RunStatus & { readonly details: Details };

function isInProgress(status: RunStatus): status is With<InProgressDetails> {
  return status.status === 'in-progress';
}

function isCompleted(status: RunStatus): status is With<CompletedDetails> {
  return status.status === 'completed';
}

function isStopped(status: RunStatus): status is With<StoppedDetails> {
  return status.status === 'stopped';
}

/** Everything that is printed goes through here: what comes from files and agents must not steer a terminal. */
function pair(label: string, value: string): Exclude<StatusLine, string> {
  return { label, value: oneLine(value, LONGEST) };
}

function inner(label: string, value: string): StatusLine {
  return { ...pair(label, value), inner: true };
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)}%`;
}

const GLYPHS = { 'in-progress': '🔄', completed: '✅', stopped: '⏸', failed: '❌' } as const;

function glyph(status: RunStatus): string {
  return GLYPHS[status.status];
}

function paintOf(status: RunStatus, { style = PLAIN }: StatusFormat): (text: string) => string {
  if (status.status === 'completed') return style.green;
  return status.status === 'in-progress' ? style.yellow : style.red;
}
