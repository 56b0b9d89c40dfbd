import { nextStep } from '../../../core/status/reason.ts';
import type {
  CompletedDetails,
  FailedDetails,
  InProgressDetails,
  RunStatus,
  StoppedDetails,
} from '../../../core/status/run-status.ts';
import { asTyped } from '../as-typed.ts';
import { oneLine } from './one-line.ts';
import { PLAIN, type Style } from './style.ts';

const BAR_CELLS = 16;
const RULE_CELLS = 55;

export interface StatusFormat {
  readonly runId?: string;
  /** Without it the text has no colour. */
  readonly style?: Style;
}

/** A run's status in the layout of seed 002: title, rule, key-value pairs, bar, metrics, then what its state adds. */
export function formatStatusForCLI(status: RunStatus, format: StatusFormat = {}): string {
  const lines = [
    `📊 Run Status: ${format.runId ?? ''}`.trimEnd(),
    '═'.repeat(RULE_CELLS),
    '',
    pair('Status', `${glyph(status)} ${paint(status, `${status.status} (${status.reason_code})`, format)}`),
    ...head(status),
    pair('Progress', bar(progressOf(status))),
    '',
    'Metrics:',
    ...metrics(status),
    '',
    ...tail(status, format),
  ];
  return `${lines.join('\n')}\n`;
}

/** `12m 45s`, as the seed prints durations. */
export function clockDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${hours > 0 ? `${hours}h ` : ''}${hours > 0 || minutes > 0 ? `${minutes}m ` : ''}${seconds % 60}s`;
}

function progressOf({
  metrics: { total_frames: total, frames_completed, frames_failed },
}: RunStatus): number {
  return total === 0 ? 0 : ((frames_completed + frames_failed) / total) * 100;
}

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * BAR_CELLS);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}] ${percent === 100 ? '100' : percent.toFixed(1)}%`;
}

function head(status: RunStatus): string[] {
  if (isInProgress(status)) {
    const { current_frame_index, current_attempt, elapsed_time_ms } = status.details;
    const frame = Math.min(current_frame_index + 1, Math.max(1, status.metrics.total_frames));
    const attempt = current_attempt === 0 ? '' : ` (Attempt ${current_attempt})`;
    return [
      pair('Frame', `${frame} of ${status.metrics.total_frames}${attempt}`),
      pair('Elapsed', clockDuration(elapsed_time_ms)),
    ];
  }
  if (isCompleted(status)) return [pair('Duration', clockDuration(status.details.total_duration_ms))];
  return [pair('Message', oneLine(status.message, 400))];
}

function metrics(status: RunStatus): string[] {
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

function tail(status: RunStatus, { runId = '' }: StatusFormat): string[] {
  if (isInProgress(status)) {
    const { current_action, estimated_remaining_ms } = status.details;
    return [
      ...(current_action === undefined ? [] : [pair('Current', oneLine(current_action, 200))]),
      ...(estimated_remaining_ms === undefined
        ? []
        : [pair('Remaining', `about ${clockDuration(estimated_remaining_ms)}`)]),
    ];
  }
  if (isCompleted(status)) {
    const { export_location, atlas_files, validation_passed } = status.details;
    return [
      'Export:',
      inner('Location', export_location),
      inner('Atlas', listed(atlas_files)),
      inner('Validation', validation_passed ? '✅ PASSED' : '❌ FAILED'),
    ];
  }
  if (status.status === 'stopped') {
    const details = status.details as StoppedDetails;
    return [
      pair(
        'Stopped by',
        `${details.stop_condition} (threshold ${details.threshold}, actual ${details.actual_value})`,
      ),
      pair('Remaining', `${details.frames_remaining} frames`),
      pair('Resume', details.resume_command),
    ];
  }
  const details = status.details as FailedDetails;
  return [
    pair('Error', `${details.error_code} (${details.error_type})`),
    ...(details.diagnostic_path === undefined ? [] : [pair('Diagnostic', details.diagnostic_path)]),
    pair('Next', asTyped(nextStep(status.reason_code, runId))),
  ];
}

const SHOWN_FILES = 6;

function listed(files: readonly string[]): string {
  const rest = files.length - SHOWN_FILES;
  return `${files.slice(0, SHOWN_FILES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function isInProgress(status: RunStatus): status is RunStatus & { details: InProgressDetails } {
  return status.status === 'in-progress';
}

function isCompleted(status: RunStatus): status is RunStatus & { details: CompletedDetails } {
  return status.status === 'completed';
}

function pair(key: string, value: string): string {
  return `${`${key}:`.padEnd(12)}${value}`;
}

function inner(key: string, value: string): string {
  return `  ${`${key}:`.padEnd(12)}${value}`;
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)}%`;
}

const GLYPHS = { 'in-progress': '🔄', completed: '✅', stopped: '⏸', failed: '❌' } as const;

function glyph(status: RunStatus): string {
  return GLYPHS[status.status];
}

function paint(status: RunStatus, text: string, { style = PLAIN }: StatusFormat): string {
  if (status.status === 'completed') return style.green(text);
  return status.status === 'in-progress' ? style.yellow(text) : style.red(text);
}
