import { describe, expect, test } from 'vitest';
import { entryFromRun } from '../../../src/core/history/from-run.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import { calculateRunStatus } from '../../../src/core/status/run-status.ts';
import {
  aChain,
  aPipeline,
  approved,
  begun,
  created,
  EXECUTION,
  generated,
  happens,
  rejected,
  settings,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const chain = created(aPipeline(aChain('alex', 'cass', 'nigel'), { closing: 'commit' }), {
  feature: { slug: 'login', featureId: 'feature-1', briefPath: 'brief.md' },
});

const closed: RunEventBody = {
  type: 'run.closed',
  outcome: 'committed',
  commit: 'c0ffee',
  files: ['a.ts'],
  validationPassed: true,
};
const success: RunEventBody = { type: 'run.finished', status: 'succeeded', code: 'ALL_FRAMES_APPROVED' };

describe('the entry of a run that succeeded', () => {
  const state = stateAfter(
    chain,
    ...succeeds('alex'),
    { type: 'stage.skipped', stage: 'cass', reason: 'WHEN_FALSE' },
    ...succeeds('nigel'),
    closed,
    success,
  );
  const entry = entryFromRun(state);

  test('has the fields of seed 000, and null where none failed or paused', () => {
    expect(entry).toMatchObject({
      slug: 'login',
      status: 'success',
      runId: EXECUTION,
      featureId: 'feature-1',
      startedAt: '2026-01-05T09:00:01.000Z',
      completedAt: '2026-01-05T09:00:14.000Z',
      totalDurationMs: 13_000,
      failedStage: null,
      pausedAfter: null,
      reasonCode: 'ALL_FRAMES_APPROVED',
      commitHash: 'c0ffee',
      pipelineVersion: '5.0.0',
    });
    expect(entry).not.toHaveProperty('previousRunId');
  });

  test('has times for every stage that ran and no key for one that was skipped', () => {
    expect(Object.keys(entry?.stages ?? {})).toEqual(['alex', 'nigel']);
    expect(entry?.stages['alex']).toEqual({
      startedAt: '2026-01-05T09:00:02.000Z',
      completedAt: '2026-01-05T09:00:06.000Z',
      durationMs: 4000,
      status: 'success',
      attempts: 1,
      agent: 'alex',
      runner: 'scripted',
    });
  });

  test('has the figures of the run’s status, which are calculated nowhere else', () => {
    expect(entry?.metrics).toEqual(calculateRunStatus(state).metrics);
    expect(entry?.metrics).toMatchObject({ total_frames: 2, frames_completed: 2, total_attempts: 2 });
  });

  test('leaves out what nobody told: tokens, cost, model, feedback', () => {
    for (const key of ['tokens', 'cost', 'model', 'feedback'])
      expect(entry?.stages['alex']).not.toHaveProperty(key);
    expect(entry).not.toHaveProperty('totalCost');
  });
});

describe('figures', () => {
  const usage = { input: 1001, output: 200, costMicroUsd: 100_001 };

  test('are exact sums over all attempts of a stage, also where one of them told nothing', () => {
    const state = stateAfter(
      chain,
      started('alex', 2),
      begun('alex'),
      generated('alex', { usage: { ...usage, cacheRead: 7 }, model: 'model-a' }),
      rejected('alex'),
      begun('alex', { attempt: 2 }),
      generated('alex', { attempt: 2 }),
      approved('alex', { attempt: 2 }),
      begun('alex', { frame: 1 }),
      generated('alex', { frame: 1, usage: { ...usage, costMicroUsd: 200_002 }, model: 'model-b' }),
      approved('alex', { frame: 1 }),
      { type: 'stage.finished', stage: 'alex', status: 'succeeded' },
      {
        type: 'feedback.given',
        stage: 'cass',
        about: 'alex',
        rating: 4,
        issues: ['short'],
        recommendation: 'proceed',
        verdict: 'proceed',
        usage: { input: 1, output: 1, costMicroUsd: 1 },
      },
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
    );
    const entry = entryFromRun(state);
    expect(entry?.stages['alex']).toMatchObject({
      attempts: 3,
      model: 'model-b',
      tokens: { input: 2002, output: 400, cacheRead: 7, total: 2409 },
      cost: 0.300003,
      feedback: { rating: 4, issues: ['short'], recommendation: 'proceed' },
    });
    expect(entry?.stages['alex']?.tokens).not.toHaveProperty('cacheWrite');
    expect(entry?.totalCost).toBe(0.300004);
    expect([entry?.costIncomplete, entry?.stages['alex']?.costIncomplete]).toEqual([true, true]);
  });

  test('that were told as nothing are 0, which is not unknown', () => {
    const state = stateAfter(
      chain,
      started('alex'),
      begun('alex'),
      generated('alex', { usage: { input: 0, output: 0, costMicroUsd: 0 } }),
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
    );
    expect(entryFromRun(state)).toMatchObject({ stages: { alex: { cost: 0, tokens: { total: 0 } } } });
    expect(entryFromRun(state)).not.toHaveProperty('costIncomplete');
    expect(entryFromRun(state)?.stages['alex']).not.toHaveProperty('costIncomplete');
  });
});

describe('the entry of a run that failed', () => {
  test('names the stage', () => {
    const state = stateAfter(
      chain,
      ...succeeds('alex'),
      started('cass'),
      begun('cass'),
      generated('cass', { outcome: 'refused' }),
      { type: 'stage.finished', stage: 'cass', status: 'failed', code: 'AGENT_REFUSED' },
      { type: 'stage.skipped', stage: 'nigel', reason: 'UPSTREAM_FAILED' },
      { type: 'run.finished', status: 'failed', code: 'AGENT_REFUSED', failedStage: 'cass' },
    );
    const entry = entryFromRun(state);
    expect(entry).toMatchObject({ status: 'failed', failedStage: 'cass', pausedAfter: null });
    expect(Object.entries(entry?.stages ?? {}).map(([name, stage]) => [name, stage?.status])).toEqual([
      ['alex', 'success'],
      ['cass', 'failed'],
    ]);
  });

  test('outside a stage names none', () => {
    const state = stateAfter(chain, ...succeeds('alex'), {
      type: 'run.finished',
      status: 'failed',
      code: 'SYS_OWNER_LOST',
    });
    expect(entryFromRun(state)).toMatchObject({ status: 'failed', failedStage: null });
  });

  test('by a cancellation is failed', () => {
    const state = stateAfter(chain, { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' });
    expect(entryFromRun(state)).toMatchObject({ status: 'failed', failedStage: null, stages: {} });
  });
});

describe('the entry of a run that paused', () => {
  const stop = (code: string): RunEventBody => ({ type: 'run.stopped', code, threshold: 0, actual: 1 });

  test.each(['QUALITY_GATE', 'USER_INTERRUPT', 'COMMIT_DECLINED', 'BUDGET_EXCEEDED', 'STALLED'])(
    'with %s names the last stage that finished',
    (code) => {
      const state = stateAfter(chain, ...succeeds('alex'), started('cass'), begun('cass'), stop(code));
      const entry = entryFromRun(state);
      expect(entry).toMatchObject({ status: 'paused', pausedAfter: 'alex', failedStage: null });
      expect(entry?.stages['cass']?.status).toBe('paused');
    },
  );

  test('before any stage finished names none', () => {
    expect(entryFromRun(stateAfter(chain, stop('USER_INTERRUPT')))).toMatchObject({ pausedAfter: null });
  });

  test('at the boundary of a skipped stage names that stage', () => {
    const state = stateAfter(
      { ...chain, settings: settings({ pauseAfter: 'cass' }) },
      ...succeeds('alex'),
      { type: 'stage.skipped', stage: 'cass', reason: 'WHEN_FALSE' },
      stop('PAUSED_AFTER_STAGE'),
    );
    expect(entryFromRun(state)).toMatchObject({ pausedAfter: 'cass' });
  });
});

describe('the entry of a run that was continued', () => {
  const paused = () =>
    stateAfter(chain, ...succeeds('alex'), {
      type: 'run.stopped',
      code: 'USER_INTERRUPT',
      threshold: 0,
      actual: 1,
    });

  test('has its own id and times, the id before, and all stages with their own times', () => {
    const state = paused();
    const before = entryFromRun(state);
    state.runId = 'second';
    happens(
      state,
      { type: 'segment.started', previousRunId: EXECUTION },
      ...succeeds('cass'),
      ...succeeds('nigel'),
      closed,
      success,
    );
    const entry = entryFromRun(state);
    expect(entry).toMatchObject({ runId: 'second', previousRunId: EXECUTION, status: 'success' });
    expect(Date.parse(entry?.startedAt ?? '')).toBeGreaterThan(Date.parse(before?.completedAt ?? ''));
    expect(entry?.stages['alex']).toEqual(before?.stages['alex']);
    expect(Object.keys(entry?.stages ?? {})).toEqual(['alex', 'cass', 'nigel']);
  });

  test('does not exist while the run goes on', () => {
    expect(entryFromRun(stateAfter(chain))).toBeUndefined();
    expect(
      entryFromRun(happens(paused(), { type: 'segment.started', previousRunId: EXECUTION })),
    ).toBeUndefined();
  });
});
