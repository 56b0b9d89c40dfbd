import * as fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunStatus } from '../../../../src/core/status/run-status.ts';
import { formatStatusForCLI } from '../../../../src/interfaces/cli/report/run-status.ts';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { displayWidth } from '../../../../src/interfaces/cli/report/table.ts';

beforeEach(() => {
  vi.stubEnv('npm_lifecycle_event', '');
});

const inProgress: RunStatus = {
  status: 'in-progress',
  reason_code: 'GENERATING',
  message: 'an agent or command is at work',
  timestamp: '2026-01-05T09:04:32.000Z',
  metrics: {
    total_frames: 8,
    frames_completed: 2,
    frames_failed: 1,
    frames_remaining: 5,
    total_attempts: 7,
    retry_rate: 0.25,
    reject_rate: 0.125,
  },
  details: {
    current_frame_index: 2,
    current_attempt: 2,
    elapsed_time_ms: 272_000,
    current_action: 'Generating frame 3 with IDENTITY_RESCUE strategy',
  },
};

const completed: RunStatus = {
  ...inProgress,
  status: 'completed',
  reason_code: 'PARTIAL_SUCCESS',
  metrics: {
    ...inProgress.metrics,
    frames_completed: 7,
    frames_failed: 1,
    frames_remaining: 0,
    total_attempts: 15,
    retry_rate: 0.375,
  },
  details: {
    success_rate: 0.875,
    total_duration_ms: 765_000,
    export_location: 'runs/abc123/export/',
    atlas_files: ['blaze_idle.png', 'blaze_idle.json'],
    validation_passed: true,
  },
};

const RULE = '═'.repeat(55);

test('the run in progress of seed 002 is printed to the digit, its bar filled by the percentage', () => {
  expect(formatStatusForCLI(inProgress, { runId: 'abc123' }).trimEnd().split('\n')).toEqual([
    '📊 Run Status: abc123',
    RULE,
    '',
    'Status:     🔄 in-progress (GENERATING)',
    'Frame:      3 of 8 (Attempt 2)',
    'Elapsed:    4m 32s',
    'Progress:   [██████░░░░░░░░░░] 37.5%',
    '',
    'Metrics:',
    '  Completed:  2/8 frames',
    '  Failed:     1/8 frames',
    '  Attempts:   7 total',
    '  Retry Rate: 25.0%',
    '',
    'Current:    Generating frame 3 with IDENTITY_RESCUE strategy',
  ]);
});

test('a wait for an agent is shown with its end, what is left of it, and why', () => {
  const waiting = {
    runner: 'claude',
    outcome: 'quota',
    message: 'limit\u001b[2J reached',
    until: '2026-01-05T11:04:32.000Z',
    remaining_ms: 7_199_000,
  };
  const current_action = 'Waiting for claude to go on with alex';
  const status = { ...inProgress, details: { ...inProgress.details, current_action, waiting } };
  expect(formatStatusForCLI(status).trimEnd().split('\n').slice(-2)).toEqual([
    'Current:    Waiting for claude to go on with alex',
    'Waiting:    1h 59m 59s, until 2026-01-05 11:04:32Z (quota: limit reached)',
  ]);
});

test('the completed run of seed 002 is printed to the digit', () => {
  expect(formatStatusForCLI(completed, { runId: 'abc123' }).trimEnd().split('\n')).toEqual([
    '📊 Run Status: abc123',
    RULE,
    '',
    'Status:     ✅ completed (PARTIAL_SUCCESS)',
    'Duration:   12m 45s',
    'Progress:   [████████████████] 100%',
    '',
    'Metrics:',
    '  Success:    7/8 frames (87.5%)',
    '  Failed:     1/8 frames',
    '  Attempts:   15 total',
    '  Retry Rate: 37.5%',
    '',
    'Export:',
    '  Location:   runs/abc123/export/',
    '  Atlas:      blaze_idle.png, blaze_idle.json',
    '  Validation: ✅ PASSED',
  ]);
});

test('a run without frames prints no NaN', () => {
  const zero = { total_frames: 0, frames_completed: 0, frames_failed: 0, frames_remaining: 0 };
  const metrics = { ...inProgress.metrics, ...zero, total_attempts: 0, retry_rate: 0, reject_rate: 0 };
  expect(formatStatusForCLI({ ...inProgress, metrics })).not.toContain('NaN');
});

const stopped: RunStatus = {
  ...inProgress,
  status: 'stopped',
  reason_code: 'RETRY_RATE_EXCEEDED',
  message: 'too many frames needed a retry',
  details: {
    stop_condition: 'RETRY_RATE_EXCEEDED',
    threshold: 0.2,
    actual_value: 0.25,
    resume_command: 'murmur8 pipeline run --resume abc123',
    frames_remaining: 5,
  },
};

const failed: RunStatus = {
  ...inProgress,
  status: 'failed',
  reason_code: 'SYS_WRITE_ERROR',
  message: 'a file could not be written: the disk is full',
  details: {
    error_type: 'system',
    error_code: 'SYS_WRITE_ERROR',
    error_message: 'the disk is full',
    diagnostic_path: '/work/.claude/runs/abc123/diagnostics/abc123.txt',
  },
};

test('a stopped run says what stopped it, by how much, what is left and how it goes on', () => {
  expect(formatStatusForCLI(stopped, { runId: 'abc123' }).trimEnd().split('\n').slice(3)).toEqual([
    'Status:     ⏸ stopped (RETRY_RATE_EXCEEDED)',
    'Message:    too many frames needed a retry',
    'Progress:   [██████░░░░░░░░░░] 37.5%',
    '',
    'Metrics:',
    '  Completed:  2/8 frames',
    '  Failed:     1/8 frames',
    '  Attempts:   7 total',
    '  Retry Rate: 25.0%',
    '',
    'Stopped by: RETRY_RATE_EXCEEDED (threshold 0.2, actual 0.25)',
    'Remaining:  5 frames',
    'Resume:     murmur8 pipeline run --resume abc123',
  ]);
});

test('what was cancelled offers nothing to resume', () => {
  const cancelled = { ...stopped, reason_code: 'USER_CANCELLED' };
  expect(formatStatusForCLI(cancelled)).not.toContain('Resume:');
});

test('a failed run says what failed, where to read on and what to type', () => {
  expect(formatStatusForCLI(failed, { runId: 'abc123' }).trimEnd().split('\n').slice(-4)).toEqual([
    '',
    'Error:      SYS_WRITE_ERROR (system)',
    'Diagnostic: /work/.claude/runs/abc123/diagnostics/abc123.txt',
    'Next:       free space or correct the permissions, then murmur8 resume abc123',
  ]);
});

test('a run that put nothing anywhere has no export, and one without files no empty atlas', () => {
  const details = { success_rate: 1, total_duration_ms: 0, validation_passed: true };
  const nothing = { ...completed, details: { ...details, export_location: '', atlas_files: [] } };
  const text = formatStatusForCLI(nothing);
  expect(text).not.toMatch(/Export|Location|Atlas|Validation/);
  expect(text.trimEnd()).toMatch(/Retry Rate: 37.5%$/);
  const empty = { ...completed, details: { ...details, export_location: 'out/', atlas_files: [] } };
  expect(formatStatusForCLI(empty)).toContain('Location:   out/\n  Validation: ✅ PASSED');
});

test('the end of an estimate and of a long time are told in days', () => {
  const details = { ...inProgress.details, elapsed_time_ms: 100_805_000, estimated_remaining_ms: 59_600 };
  const text = formatStatusForCLI({ ...inProgress, details });
  expect(text).toContain('Elapsed:    1d 4h 0m 5s\n');
  expect(text).toContain('Remaining:  about 1m 0s\n');
});

describe('colour', () => {
  const named = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
  const style = { ...PLAIN, green: named('green'), yellow: named('yellow'), red: named('red') };

  test.each([
    ['completed', completed, 'green', '✅'],
    ['in-progress', inProgress, 'yellow', '🔄'],
    ['stopped', stopped, 'red', '⏸'],
    ['failed', failed, 'red', '❌'],
  ] as const)('of a run that is %s comes with its glyph and its word', (word, status, colour, glyph) => {
    expect(formatStatusForCLI(status, { style })).toContain(
      `<${colour}>${glyph} ${word} (${status.reason_code})</${colour}>`,
    );
  });
});

describe('a terminal', () => {
  const all = [inProgress, completed, stopped, failed];
  const family = '👩‍👩‍👧';
  const long: RunStatus = {
    ...failed,
    message: `${'word '.repeat(30)}${'é'.repeat(90)} ${'漢字'.repeat(40)} ${family.repeat(40)}`,
  };

  test.each([20, 30, 59, 60, 80, 120])('of %d columns has no line that is longer', (width) => {
    for (const status of [...all, long]) {
      const lines = formatStatusForCLI(status, { runId: 'e0000000-0000-4000-8000-000000000001', width });
      for (const line of lines.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    }
  });

  test('of 60 columns loses nothing, and breaks no character that people see as one', () => {
    const text = formatStatusForCLI(long, { width: 60 });
    const seen = text.replace(/\s/g, '');
    expect(seen).toContain(long.message.replace(/\s/g, ''));
    for (const line of text.split('\n')) expect(line).not.toMatch(/^\s*\u200d|\u200d$/u);
  });

  test('of any width is no reason to break what goes into a pipe', () => {
    expect(formatStatusForCLI(long).split('\n').length).toBe(formatStatusForCLI(failed).split('\n').length);
  });

  test('is never steered by what files and agents say', () => {
    const evil = fc.string({
      unit: fc.constantFrom('\x1b', '[', '2', 'J', '\x9b', '\x07', '\n', '\r', 'a', '\u202e', ']'),
    });
    fc.assert(
      fc.property(evil, evil, (one, other) => {
        const text = [
          formatStatusForCLI({ ...failed, message: one, reason_code: 'OUTPUT_INVALID' }, { runId: other }),
          formatStatusForCLI({ ...inProgress, details: { ...inProgress.details, current_action: one } }),
          formatStatusForCLI(
            {
              ...completed,
              details: { ...completed.details, export_location: one, atlas_files: [other] } as never,
            },
            { width: 60 },
          ),
          formatStatusForCLI({
            ...failed,
            details: { ...failed.details, diagnostic_path: one, stack_trace: other } as never,
          }),
        ].join('');
        expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      }),
    );
  });
});
