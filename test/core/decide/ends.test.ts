import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { Limits } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aChain,
  aPipeline,
  approved,
  aStage,
  begun,
  created,
  generated,
  happens,
  rejected,
  settings,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

function decisions(state: RunState) {
  return decide(state, Date.parse(state.at));
}

const interrupted: RunEventBody = { type: 'stop.requested', code: 'USER_INTERRUPT' };
const cancel: RunEventBody = { type: 'stop.requested', code: 'USER_CANCELLED' };

function statuses(state: RunState): Record<string, string> {
  return Object.fromEntries([...state.stages.values()].map((stage) => [stage.name, stage.status]));
}

describe('a run whose stages have all ended', () => {
  const chain = created(aPipeline(aChain('one', 'two')));

  test('succeeds', () => {
    expect(decisions(stateAfter(chain, ...succeeds('one'), ...succeeds('two')))).toEqual([
      { do: 'record', event: { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' } },
    ]);
  });

  test('succeeds in part where a stage failed that may, or tests are pending, which are named', () => {
    const lenient = stateAfter(
      created(aPipeline([aStage('lint', { onFailure: 'continue' })])),
      started('lint'),
      begun('lint'),
      generated('lint', { outcome: 'refused' }),
      { type: 'stage.finished', stage: 'lint', status: 'failed', code: 'AGENT_REFUSED' },
    );
    expect(decisions(lenient)).toMatchObject([{ event: { status: 'succeeded', code: 'PARTIAL_SUCCESS' } }]);
    const pending = stateAfter(
      chain,
      ...succeeds('one'),
      started('two'),
      begun('two'),
      generated('two'),
      approved('two', { pendingTests: ['AC-3 later', 'AC-4 later'] }),
      { type: 'stage.finished', stage: 'two', status: 'succeeded' },
    );
    expect(decisions(pending)).toMatchObject([
      {
        event: {
          code: 'PARTIAL_SUCCESS',
          message: '2 tests are still pending: AC-3 later, AC-4 later',
        },
      },
    ]);
  });

  test('fails with the code and the name of the stage that halted it', () => {
    const state = stateAfter(
      chain,
      started('one'),
      begun('one'),
      generated('one', { outcome: 'auth', message: 'log in first' }),
      { type: 'stage.finished', stage: 'one', status: 'failed', code: 'DEP_AUTH', message: 'log in first' },
      { type: 'stage.skipped', stage: 'two', reason: 'UPSTREAM_FAILED' },
    );
    expect(decisions(state)).toEqual([
      {
        do: 'record',
        event: {
          type: 'run.finished',
          status: 'failed',
          code: 'DEP_AUTH',
          message: 'log in first',
          failedStage: 'one',
        },
      },
    ]);
  });

  test('is closed first where it shall commit, and paused when the commit is declined', () => {
    const committing = created(aPipeline(aChain('one'), { closing: 'commit' }));
    const state = stateAfter(committing, ...succeeds('one'));
    expect(decisions(state)).toEqual([{ do: 'perform', key: 'close', work: { kind: 'close' } }]);
    const closed = { type: 'run.closed' as const, files: ['a'], validationPassed: true };
    happens(state, { ...closed, outcome: 'declined' });
    expect(decisions(state)).toMatchObject([{ event: { type: 'run.stopped', code: 'COMMIT_DECLINED' } }]);
    happens(
      state,
      { type: 'run.stopped', code: 'COMMIT_DECLINED', threshold: 0, actual: 1 },
      { type: 'segment.started', previousRunId: 'e' },
    );
    expect(decisions(state)).toMatchObject([{ work: { kind: 'close' } }]);
    happens(state, { ...closed, outcome: 'committed', commit: 'c0ffee' });
    expect(decisions(state)).toMatchObject([{ event: { status: 'succeeded' } }]);
  });

  test('an interruption that comes after the commit changes nothing, a cancellation does', () => {
    const state = stateAfter(
      created(aPipeline(aChain('one'), { closing: 'commit' })),
      ...succeeds('one'),
      interrupted,
      { type: 'run.closed', outcome: 'committed', commit: 'c0ffee', files: ['a'], validationPassed: true },
    );
    expect(decisions(state)).toMatchObject([{ event: { type: 'run.finished', status: 'succeeded' } }]);
    happens(state, cancel);
    expect(decisions(state)).toMatchObject([{ event: { status: 'cancelled', code: 'USER_CANCELLED' } }]);
  });
});

describe('a run that is stopped from outside', () => {
  const two = created(aPipeline(aChain('one', 'two', 'three')));
  const working = () => stateAfter(two, ...succeeds('one'), started('two'), begun('two'));

  test.each([
    [interrupted, { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 }],
    [cancel, { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' }],
  ])('begins nothing new and says its last word once the attempt has ended', (stop, event) => {
    const state = happens(working(), stop);
    expect(decisions(state)).toEqual([]);
    happens(state, generated('two', { outcome: 'cancelled' }));
    expect(decisions(state)).toEqual([{ do: 'record', event }]);
  });

  test('by a cancellation has no stage left that could go on, and nothing changes it any more', () => {
    const state = happens(working(), cancel, generated('two', { outcome: 'cancelled' }), {
      type: 'run.finished',
      status: 'cancelled',
      code: 'USER_CANCELLED',
    });
    expect(statuses(state)).toEqual({ one: 'succeeded', two: 'cancelled', three: 'cancelled' });
    expect(decisions(state)).toEqual([]);
    happens(state, { type: 'segment.started', previousRunId: 'e' }, generated('two'), {
      type: 'run.finished',
      status: 'failed',
      code: 'SYS_OWNER_LOST',
    });
    expect([state.phase, state.code]).toEqual(['cancelled', 'USER_CANCELLED']);
    expect(statuses(state)).toEqual({ one: 'succeeded', two: 'cancelled', three: 'cancelled' });
  });
});

describe('a run that fails from outside its stages', () => {
  const failing = () =>
    stateAfter(
      created(aPipeline(aChain('one', 'two', 'three'))),
      ...succeeds('one'),
      started('two'),
      begun('two'),
      generated('two'),
      { type: 'work.failed', code: 'SYS_WRITE_ERROR', message: 'disk full' },
    );

  test('ends failed with that code, and leaves no stage pending or running', () => {
    const state = failing();
    const [decision] = decisions(state);
    expect(decision).toEqual({
      do: 'record',
      event: { type: 'run.finished', status: 'failed', code: 'SYS_WRITE_ERROR', message: 'disk full' },
    });
    if (decision?.do === 'record') happens(state, decision.event);
    expect(statuses(state)).toEqual({ one: 'succeeded', two: 'failed', three: 'skipped' });
    expect(state.stages.get('three')?.skip).toEqual({ reason: 'RUN_HALTED' });
    expect(state.metrics).toMatchObject({ totalFrames: 2, approved: 1, failed: 0 });
  });

  test('continued checks what the agent had finished instead of asking it again', () => {
    const state = happens(
      failing(),
      { type: 'run.finished', status: 'failed', code: 'SYS_WRITE_ERROR' },
      { type: 'segment.started', previousRunId: 'e' },
    );
    expect(decisions(state)).toMatchObject([{ work: { kind: 'judge', stage: 'two', attempt: 1 } }]);
    expect(statuses(state)).toEqual({ one: 'succeeded', two: 'running', three: 'pending' });
    expect(state.metrics.totalFrames).toBe(3);
  });
});

describe('a stop condition', () => {
  const limited = (limits: Limits, ...events: RunEventBody[]) =>
    stateAfter(
      {
        ...created(aPipeline(Array.from({ length: 8 }, (_, index) => aStage(`s${index}`, { retries: 9 })))),
        settings: settings({ limits }),
      },
      ...events,
    );
  const usage = { input: 600, output: 400, costMicroUsd: 2_500_000 };
  const crash = (attempt: number) => [
    begun('s0', { attempt }),
    generated('s0', { attempt, outcome: 'crashed' }),
  ];
  const retried = (stage: string): RunEventBody[] => [
    started(stage),
    begun(stage),
    generated(stage),
    rejected(stage),
    begun(stage, { attempt: 2 }),
    generated(stage, { attempt: 2 }),
    approved(stage, { attempt: 2 }),
    { type: 'stage.finished', stage, status: 'succeeded' },
  ];
  const rejectedForGood = (stage: string): RunEventBody[] => [
    started(stage),
    begun(stage),
    generated(stage),
    rejected(stage),
    { type: 'stage.finished', stage, status: 'failed', code: 'OUTPUT_INVALID' },
  ];
  const stops = (state: RunState) => decisions(state)[0];

  test.each<[string, Limits, RunEventBody[], Record<string, unknown>]>([
    [
      'CONSECUTIVE_FAILS',
      { consecutiveFails: 2 },
      [started('s0'), ...crash(1), ...crash(2)],
      { threshold: 2, actual: 2 },
    ],
    [
      'CIRCUIT_BREAKER',
      { maxAttempts: 2 },
      [started('s0'), ...crash(1), ...crash(2)],
      { threshold: 2, actual: 2 },
    ],
    [
      'BUDGET_EXCEEDED',
      { maxCostMicroUsd: 2_000_000 },
      [started('s0'), begun('s0'), generated('s0', { outcome: 'crashed', usage })],
      { threshold: 2, actual: 2.5 },
    ],
    [
      'BUDGET_EXCEEDED',
      { maxTokens: 1000 },
      [started('s0'), begun('s0'), generated('s0', { outcome: 'crashed', usage })],
      { threshold: 1000, actual: 1000 },
    ],
    [
      'BUDGET_EXCEEDED',
      { maxDurationMs: 3000 },
      [started('s0'), ...crash(1)],
      { threshold: 3000, actual: 3000 },
    ],
    [
      'RETRY_RATE_EXCEEDED',
      { retryRate: 0.1, afterFrames: 1 },
      [...retried('s0'), started('s1')],
      { threshold: 0.1, actual: 0.125 },
    ],
  ])('%s %j stops the run with threshold and actual value', (code, limits, events, figures) => {
    expect(stops(limited(limits, ...events))).toMatchObject({
      event: { type: 'run.stopped', code, ...figures },
    });
  });

  test('on rejected frames stops the run where they are many of all, among stages that may fail', () => {
    const stages = Array.from({ length: 8 }, (_, index) => aStage(`s${index}`, { onFailure: 'continue' }));
    const state = stateAfter(
      created(aPipeline(stages, { limits: { rejectRate: 0.2, afterFrames: 2 } })),
      ...rejectedForGood('s0'),
      ...rejectedForGood('s1'),
      started('s2'),
    );
    expect(stops(state)).toMatchObject({
      event: { code: 'REJECT_RATE_EXCEEDED', threshold: 0.2, actual: 0.25 },
    });
  });

  test('on a rate is not looked at before enough frames have ended', () => {
    const state = limited({ retryRate: 0.1 }, ...retried('s0'), started('s1'));
    expect(stops(state)).toMatchObject({ work: { kind: 'attempt', stage: 's1' } });
  });

  test('below its threshold stops nothing, and one given for the run overrules the definition’s', () => {
    const begunWith = created(aPipeline([aStage('s0', { retries: 9 })], { limits: { maxAttempts: 1 } }));
    const state = stateAfter(
      { ...begunWith, settings: settings({ limits: { maxAttempts: 3 } }) },
      started('s0'),
      ...crash(1),
      ...crash(2),
    );
    expect(stops(state)).toMatchObject({ work: { kind: 'attempt', attempt: 3 } });
  });

  test('never undoes what is finished: the last result is still checked', () => {
    const state = limited({ maxAttempts: 1 }, started('s0'), begun('s0'), generated('s0'));
    expect(decisions(state)[0]).toMatchObject({ work: { kind: 'judge', stage: 's0' } });
  });

  test('counts failures in a row anew after the run was continued', () => {
    const state = limited(
      { consecutiveFails: 2 },
      started('s0'),
      ...crash(1),
      ...crash(2),
      { type: 'run.stopped', code: 'CONSECUTIVE_FAILS', threshold: 2, actual: 2 },
      { type: 'segment.started', previousRunId: 'e' },
    );
    expect(decisions(state)[0]).toMatchObject({ work: { kind: 'attempt', attempt: 3 } });
  });
});
