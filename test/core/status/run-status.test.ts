import { describe, expect, test } from 'vitest';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { openQuestion, statusDocument } from '../../../src/core/status/document.ts';
import { calculateRunStatus } from '../../../src/core/status/run-status.ts';
import {
  aChain,
  aPipeline,
  approved,
  aStage,
  begun,
  created,
  EXECUTION,
  generated,
  happens,
  rejected,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const RESUME = `murmur8 pipeline run --resume ${EXECUTION}`;

/** Eight frames in eight stages that may fail, as in the printed examples of seed 002. */
const eight = created(
  aPipeline(
    Array.from({ length: 8 }, (_, index) => aStage(`frame-${index + 1}`, { onFailure: 'continue' })),
    { maxParallel: 1 },
  ),
);

function frame(number: number, attempts: number, ends: 'approved' | 'rejected'): RunEventBody[] {
  const stage = `frame-${number}`;
  const events: RunEventBody[] = [started(stage)];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    events.push(begun(stage, { attempt }), generated(stage, { attempt }));
    events.push(
      attempt < attempts || ends === 'rejected' ? rejected(stage, { attempt }) : approved(stage, { attempt }),
    );
  }
  const status = ends === 'approved' ? ('succeeded' as const) : ('failed' as const);
  return [...events, { type: 'stage.finished', stage, status }];
}

describe('metrics', () => {
  test('hold the arithmetic of the seed: 2 approved, 1 rejected, 2 retried of 8', () => {
    const state = stateAfter(
      eight,
      ...frame(1, 1, 'approved'),
      ...frame(2, 1, 'approved'),
      ...frame(3, 3, 'rejected'),
      started('frame-4'),
      begun('frame-4'),
      generated('frame-4', { outcome: 'crashed' }),
      begun('frame-4', { attempt: 2 }),
    );
    const status = calculateRunStatus(state);
    expect(status.metrics).toEqual({
      total_frames: 8,
      frames_completed: 2,
      frames_failed: 1,
      frames_remaining: 5,
      total_attempts: 7,
      retry_rate: 0.25,
      reject_rate: 0.125,
    });
    expect(status).toMatchObject({
      status: 'in-progress',
      reason_code: 'GENERATING',
      details: { current_frame_index: 3, current_attempt: 2 },
    });
  });

  test('of a run in which nothing is left to be done are zero, never NaN', () => {
    const state = stateAfter(created(aPipeline(aChain('one'))), {
      type: 'stage.skipped',
      stage: 'one',
      reason: 'WHEN_FALSE',
    });
    happens(state, { type: 'run.finished', status: 'succeeded', code: 'ALL_FRAMES_APPROVED' });
    const status = calculateRunStatus(state);
    expect(status.metrics).toEqual({
      total_frames: 0,
      frames_completed: 0,
      frames_failed: 0,
      frames_remaining: 0,
      total_attempts: 0,
      retry_rate: 0,
      reject_rate: 0,
    });
    expect(status.details).toMatchObject({ success_rate: 0 });
  });
});

describe('a run in progress', () => {
  const state = () =>
    stateAfter(
      created(aPipeline(aChain('plan', 'build'))),
      ...succeeds('plan'),
      started('build', 3),
      begun('build'),
    );

  test('shows the frame at work over all stages, its attempt, the time and an estimate', () => {
    const running = state();
    const { details } = calculateRunStatus(running, Date.parse(running.startedAt) + 60_000);
    expect(details).toEqual({
      current_frame_index: 1,
      current_attempt: 1,
      elapsed_time_ms: 60_000,
      // One frame took two seconds; three remain.
      estimated_remaining_ms: 6000,
      current_action: 'Generating build, build 1',
    });
  });

  test('names what is done: generating with its strategy, auditing, preparing', () => {
    const running = state();
    const action = (): unknown => {
      const { details } = calculateRunStatus(running);
      return 'current_action' in details ? details.current_action : undefined;
    };
    happens(running, generated('build'));
    expect([calculateRunStatus(running).reason_code, action()]).toEqual([
      'AUDITING',
      'Auditing build, build 1',
    ]);
    happens(running, rejected('build'));
    expect([calculateRunStatus(running).reason_code, action()]).toEqual([
      'RETRYING',
      'Preparing the next attempt at build, build 1',
    ]);
    happens(running, {
      ...begun('build', { attempt: 2 }),
      type: 'attempt.started',
      strategy: 'incremental',
    } as RunEventBody);
    expect([calculateRunStatus(running).reason_code, action()]).toEqual([
      'GENERATING',
      'Generating build, build 1 with incremental strategy',
    ]);
  });

  test('has no estimate before a frame has ended, and time never runs backwards', () => {
    const fresh = stateAfter(created(aPipeline(aChain('plan'))), started('plan'), begun('plan'));
    const { details } = calculateRunStatus(fresh, 0);
    expect(details).not.toHaveProperty('estimated_remaining_ms');
    expect(details).toMatchObject({ elapsed_time_ms: 0 });
  });

  test('is a function of state and time alone', () => {
    const running = state();
    const before = structuredClone(running);
    expect(calculateRunStatus(running, 5)).toEqual(calculateRunStatus(running, 5));
    expect(running).toEqual(before);
  });
});

describe('a run that has ended', () => {
  const one = created(aPipeline(aChain('one')), {
    feature: { slug: 'login', featureId: 'f', briefPath: 'brief.md' },
  });

  test('completed shows success rate, duration, where and what it made, and whether the tests passed', () => {
    const state = stateAfter(
      one,
      ...succeeds('one'),
      { type: 'run.closed', outcome: 'committed', commit: 'c', files: ['a.ts'], validationPassed: true },
      { type: 'run.finished', status: 'succeeded', code: 'ALL_FRAMES_APPROVED' },
    );
    expect(calculateRunStatus(state)).toMatchObject({
      status: 'completed',
      reason_code: 'ALL_FRAMES_APPROVED',
      details: {
        success_rate: 1,
        total_duration_ms: 8000,
        export_location: '.blueprint/features/feature_login/',
        atlas_files: ['a.ts'],
        validation_passed: true,
      },
    });
  });

  test('7 of 8 approved is a success rate of 87.5 %', () => {
    const events = [1, 2, 3, 4, 5, 6, 7].flatMap((number) => frame(number, number < 4 ? 3 : 2, 'approved'));
    const state = stateAfter(eight, ...events, ...frame(8, 3, 'rejected'), {
      type: 'run.finished',
      status: 'succeeded',
      code: 'PARTIAL_SUCCESS',
    });
    expect(calculateRunStatus(state)).toMatchObject({
      metrics: { frames_completed: 7, frames_failed: 1, frames_remaining: 0 },
      details: { success_rate: 0.875 },
    });
  });

  test('stopped shows condition, threshold, actual value and the resume command', () => {
    const state = stateAfter(one, started('one', 3), {
      type: 'run.stopped',
      code: 'CIRCUIT_BREAKER',
      threshold: 4,
      actual: 5,
      message: 'attempts: 5 of at most 4',
    });
    expect(calculateRunStatus(state)).toMatchObject({
      status: 'stopped',
      message: 'the limit on attempts is reached: attempts: 5 of at most 4',
      details: {
        stop_condition: 'CIRCUIT_BREAKER',
        threshold: 4,
        actual_value: 5,
        resume_command: RESUME,
        frames_remaining: 3,
      },
    });
  });

  test('by a person shows threshold 0 and actual value 1', () => {
    const state = stateAfter(one, { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' });
    expect(calculateRunStatus(state).details).toMatchObject({
      stop_condition: 'USER_CANCELLED',
      threshold: 0,
      actual_value: 1,
    });
  });

  test.each(['PAUSED_AFTER_STAGE', 'QUALITY_GATE'])('%s names the command that continues', (code) => {
    const state = stateAfter(one, { type: 'run.stopped', code, threshold: 0, actual: 1 });
    expect(calculateRunStatus(state).message).toContain(RESUME);
  });

  test('SYS_OWNER_LOST names the command that continues', () => {
    const state = stateAfter(one, { type: 'run.finished', status: 'failed', code: 'SYS_OWNER_LOST' });
    expect(calculateRunStatus(state).message).toContain(RESUME);
  });

  test.each([
    ['SYS_WRITE_ERROR', 'system'],
    ['DEP_AUTH', 'dependency'],
    ['DEP_TEXTUREPACKER_FAIL', 'dependency'],
    ['TESTS_FAILED', 'audit'],
    ['APPROVAL_REJECTED', 'audit'],
  ])('failed with %s is an error of type %s', (code, type) => {
    const state = stateAfter(one, { type: 'run.finished', status: 'failed', code });
    expect(calculateRunStatus(state).details).toMatchObject({ error_type: type, error_code: code });
  });

  test('failed names the log of the last attempt that has one', () => {
    const state = stateAfter(
      one,
      started('one'),
      begun('one'),
      generated('one', { outcome: 'crashed', logFile: 'logs/one/0-1.log' }),
      begun('one', { attempt: 2 }),
      generated('one', { attempt: 2, outcome: 'refused' }),
      { type: 'stage.finished', stage: 'one', status: 'failed', code: 'AGENT_REFUSED' },
      { type: 'run.finished', status: 'failed', code: 'AGENT_REFUSED', message: 'no', failedStage: 'one' },
    );
    expect(calculateRunStatus(state).details).toEqual({
      error_type: 'audit',
      error_code: 'AGENT_REFUSED',
      error_message: 'no',
      diagnostic_path: 'logs/one/0-1.log',
    });
  });
});

describe('the document for readers', () => {
  function grown(stages: number): RunState {
    return stateAfter(
      created(aPipeline(Array.from({ length: stages }, (_, index) => aStage(`s${index}`)))),
      started('s0'),
      begun('s0'),
    );
  }

  test('keeps the last 20 statuses, oldest first', () => {
    const state = grown(1);
    const before = Array.from({ length: 30 }, (_, index) => ({
      timestamp: `t${index}`,
      status: 'in-progress',
      reason_code: 'GENERATING',
    }));
    const { status_history: kept } = statusDocument(state, before);
    expect(kept).toHaveLength(20);
    expect(kept[0]?.timestamp).toBe('t11');
    expect(kept.at(-1)).toEqual({
      timestamp: state.at,
      status: 'in-progress',
      reason_code: 'GENERATING',
    });
  });

  test('is as large for 5000 stages as for 60', () => {
    const size = (stages: number) => JSON.stringify(statusDocument(grown(stages), [])).length;
    expect(Math.abs(size(5000) - size(60))).toBeLessThan(40);
  });

  test('tells what an attempt at work has used so far, once', () => {
    const usage = { input: 90, output: 10, costMicroUsd: 7 };
    const state = happens(grown(1), { type: 'attempt.spent', stage: 's0', frame: 0, attempt: 1, usage });
    expect(statusDocument(state, [])).toMatchObject({ tokens: 100, costMicroUsd: 7, unknownCost: 0 });
    happens(state, generated('s0', { usage: { ...usage, costMicroUsd: 9 } }));
    expect(statusDocument(state, [])).toMatchObject({ tokens: 100, costMicroUsd: 9, unknownCost: 0 });
  });

  test('carries the open question, and none once it is answered', () => {
    const state = happens(grown(1), generated('s0', { question: 'which?' }));
    expect([statusDocument(state, []).question, openQuestion(state)]).toEqual(['which?', 'which?']);
    happens(state, { type: 'question.answered', stage: 's0', frame: 0, attempt: 1, answer: 'this' });
    expect(statusDocument(state, [])).not.toHaveProperty('question');
  });
});
