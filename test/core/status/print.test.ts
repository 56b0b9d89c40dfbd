import { expect, test } from 'vitest';
import type { RunStatus } from '../../../src/core/status/run-status.ts';
import { formatStatusForCLI } from '../../../src/interfaces/cli/report/run-status.ts';

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
