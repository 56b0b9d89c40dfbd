import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import { rollbackPlan } from '../../../src/core/run/rollback-plan.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  EXECUTION,
  generated,
  happens,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const ROLLBACK = `${EXECUTION}-1`;
const block = { rollback: { work: { kind: 'command', run: 'undo' }, timeoutMs: 60_000 } } as const;
const command = { work: { kind: 'command', run: 'do' } } as const;

/** A check behind deployments: two after the other, one beside the second, and notes that nobody can take back. */
function deployment(different: Partial<Stage> = {}): Stage[] {
  return [
    aStage('build', { ...command, ...block }),
    aStage('one', { ...command, ...block, needs: ['build'] }),
    aStage('two', { ...command, ...block, needs: ['one'] }),
    aStage('beside', { ...command, ...block, needs: ['one'] }),
    aStage('notes', { ...command, needs: ['one'] }),
    aStage('check', {
      ...command,
      needs: ['two', 'beside', 'notes'],
      retries: 0,
      onFailure: 'rollback',
      rollbackTo: 'one',
      ...different,
    }),
  ];
}

const failure: RunEventBody = {
  type: 'stage.finished',
  stage: 'check',
  status: 'failed',
  code: 'STAGE_FAILED',
  message: 'exit code 9',
};

function failedCheck(stages: readonly Stage[] = deployment()): RunState {
  return stateAfter(
    created(aPipeline(stages)),
    ...['build', 'one', 'beside', 'two', 'notes'].flatMap((stage) => succeeds(stage)),
    started('check'),
    begun('check'),
    generated('check', { outcome: 'failed', exitCode: 9 }),
    failure,
  );
}

const rollbackStarted: RunEventBody = {
  type: 'rollback.started',
  rollbackId: ROLLBACK,
  cause: 'failure',
  target: 'one',
  stages: ['two', 'beside', 'one'],
  failedStage: 'check',
};

function stepStarted(stage: string): RunEventBody {
  return { type: 'rollback.step.started', rollbackId: ROLLBACK, stage, agent: 'command', runner: 'command' };
}

function stepEnded(
  stage: string,
  status: 'succeeded' | 'failed' | 'interrupted' = 'succeeded',
  message?: string,
): RunEventBody {
  const said = message === undefined ? {} : { message };
  return { type: 'rollback.step.finished', rollbackId: ROLLBACK, stage, status, ...said };
}

const records = (event: RunEventBody) => ({ do: 'record', event });
const undoes = (stage: string) => ({
  do: 'perform',
  key: `undo:${ROLLBACK}:${stage}`,
  work: { kind: 'undo', stage, rollbackId: ROLLBACK },
});
const now = (state: RunState) => decide(state, Date.parse(state.at));

describe('a failure that asks for a rollback', () => {
  test('undoes the target and what came of it, the one completed last first', () => {
    expect(now(failedCheck())).toEqual([records(rollbackStarted)]);
  });

  test('waits until nothing is at work any more, and begins nothing new', () => {
    const [...stages] = deployment();
    const state = stateAfter(
      created(aPipeline([...stages, aStage('slow', command), aStage('late', { needs: ['slow'] })])),
      started('slow'),
      begun('slow'),
      ...['build', 'one', 'beside', 'two', 'notes'].flatMap((stage) => succeeds(stage)),
      started('check'),
      begun('check'),
      generated('check', { outcome: 'failed', exitCode: 9 }),
      failure,
    );
    // Only the attempt that is under way.
    expect(now(state)).toMatchObject([{ do: 'perform', key: 'attempt:slow:0:1' }]);
    happens(state, generated('slow'), ...succeeds('slow').slice(3));
    expect(now(state)).toEqual([records({ type: 'stage.skipped', stage: 'late', reason: 'RUN_HALTED' })]);
    happens(state, { type: 'stage.skipped', stage: 'late', reason: 'RUN_HALTED' });
    expect(now(state)).toEqual([records(rollbackStarted)]);
  });

  test('closes an open gate first', () => {
    const rule = {
      approvers: ['ann'],
      quorum: 'all',
      timeoutMs: 1,
      onTimeout: 'reject',
      preventSelfApproval: false,
    } as const;
    const state = stateAfter(
      created(aPipeline([...deployment(), aStage('gated', { approval: rule })])),
      ...['build', 'one', 'beside', 'two', 'notes'].flatMap((stage) => succeeds(stage)),
      {
        type: 'approval.requested',
        approvalId: 'a1',
        stage: 'gated',
        approvers: ['ann'],
        quorum: 1,
        deadline: '2027-01-01T00:00:00.000Z',
        onTimeout: 'reject',
        preventSelfApproval: false,
        requestedBy: 'eve',
        subject: { definition: '', inputs: '', commit: null },
        summary: '',
      },
      started('check'),
      begun('check'),
      generated('check', { outcome: 'failed' }),
      failure,
    );
    expect(now(state)).toMatchObject([{ event: { type: 'approval.closed', status: 'cancelled' } }]);
  });

  test('that finds nothing to undo is an ordinary failure', () => {
    const stages = deployment().map((stage) => {
      const { rollback: _rollback, ...rest } = stage;
      return rest;
    });
    expect(now(failedCheck(stages))).toEqual([
      records({
        type: 'run.finished',
        status: 'failed',
        code: 'STAGE_FAILED',
        message: 'exit code 9',
        failedStage: 'check',
      }),
    ]);
  });
});

describe('what is undone', () => {
  test('is nothing outside of the target and what waits for it', () => {
    expect(rollbackPlan(failedCheck(), 'two')).toEqual(['two']);
    expect(rollbackPlan(failedCheck(), 'build')).toEqual(['two', 'beside', 'one', 'build']);
  });

  test('is a target without a block only where an agent did it', () => {
    const withoutBlock = (work: Stage['work']) =>
      deployment().map((stage): Stage => {
        if (stage.name !== 'one') return stage;
        const { rollback: _rollback, ...rest } = stage;
        return { ...rest, work };
      });
    const byAgent = failedCheck(withoutBlock({ kind: 'agent', agent: 'deployer' }));
    expect(rollbackPlan(byAgent, 'one')).toEqual(['two', 'beside', 'one']);
    expect(rollbackPlan(byAgent, 'build')).toEqual(['two', 'beside', 'build']);
    const byCommand = failedCheck(withoutBlock({ kind: 'command', run: 'do' }));
    expect(rollbackPlan(byCommand, 'one')).toEqual(['two', 'beside']);
  });

  test('is the failed stage itself, first, where it got to work and says how', () => {
    expect(rollbackPlan(failedCheck(deployment(block)), 'one')).toEqual(['check', 'two', 'beside', 'one']);
  });

  test('is no stage a second time', () => {
    const state = happens(failedCheck(), rollbackStarted, stepStarted('two'), stepEnded('two'));
    expect(rollbackPlan(state, 'one')).toEqual(['beside', 'one']);
  });
});

describe('a rollback', () => {
  test('goes step by step to its end, which is the last word of the run', () => {
    const state = happens(failedCheck(), rollbackStarted);
    for (const stage of ['two', 'beside', 'one']) {
      expect(now(state)).toEqual([undoes(stage)]);
      happens(state, stepStarted(stage));
      expect(now(state)).toEqual([undoes(stage)]);
      happens(state, stepEnded(stage));
    }
    const finished: RunEventBody = { type: 'rollback.finished', rollbackId: ROLLBACK, status: 'succeeded' };
    expect(now(state)).toEqual([records(finished)]);
    expect(now(happens(state, finished))).toEqual([
      records({
        type: 'run.finished',
        status: 'failed',
        code: 'ROLLED_BACK',
        message: 'check failed (STAGE_FAILED: exit code 9); undone: two, beside, one',
        failedStage: 'check',
      }),
    ]);
  });

  test('stops at the first step that fails, tries nothing again, and names what is left', () => {
    const state = happens(failedCheck(), rollbackStarted, stepStarted('two'), stepEnded('two'));
    happens(state, stepStarted('beside'), stepEnded('beside', 'failed', 'exit code 1: no way back'));
    const message = 'undoing beside failed: exit code 1: no way back; not undone: one';
    const finished = { type: 'rollback.finished', rollbackId: ROLLBACK, status: 'failed', message } as const;
    expect(now(state)).toEqual([records(finished)]);
    expect(now(happens(state, finished))).toEqual([
      records({
        type: 'run.finished',
        status: 'failed',
        code: 'ROLLBACK_FAILED',
        message: `check failed (STAGE_FAILED: exit code 9); ${message}; undone: two`,
        failedStage: 'check',
      }),
    ]);
  });

  test('does a step again that its owner died in, and none that was done', () => {
    const state = happens(failedCheck(), rollbackStarted, stepStarted('two'), stepEnded('two'));
    happens(state, stepStarted('beside'), stepEnded('beside', 'interrupted', 'the owner died'));
    expect(now(state)).toEqual([undoes('beside')]);
  });

  test('that is cancelled lets its step end, then ends, and the run with it', () => {
    const state = happens(failedCheck(), rollbackStarted, stepStarted('two'), {
      type: 'stop.requested',
      code: 'USER_CANCELLED',
    });
    expect(now(state)).toEqual([]);
    happens(state, stepEnded('two', 'interrupted'));
    const finished: RunEventBody = { type: 'rollback.finished', rollbackId: ROLLBACK, status: 'cancelled' };
    expect(now(state)).toEqual([records(finished)]);
    expect(now(happens(state, finished))).toEqual([
      records({ type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' }),
    ]);
  });

  test('that is interrupted goes on where it was', () => {
    const state = happens(failedCheck(), rollbackStarted, stepStarted('two'), stepEnded('two'), {
      type: 'stop.requested',
      code: 'USER_INTERRUPT',
    });
    expect(now(state)).toMatchObject([{ event: { type: 'run.stopped', code: 'USER_INTERRUPT' } }]);
    happens(
      state,
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
      { type: 'segment.started', previousRunId: EXECUTION },
    );
    expect(now(state)).toEqual([undoes('beside')]);
  });

  test('that the disk breaks off goes on when the run is continued, and is its outcome then', () => {
    const state = happens(
      failedCheck(),
      rollbackStarted,
      stepStarted('two'),
      stepEnded('two', 'interrupted'),
      {
        type: 'work.failed',
        code: 'SYS_WRITE_ERROR',
        message: 'no space left',
      },
    );
    const failed: RunEventBody = {
      type: 'run.finished',
      status: 'failed',
      code: 'SYS_WRITE_ERROR',
      message: 'no space left',
    };
    expect(now(state)).toEqual([records(failed)]);
    happens(state, failed, { type: 'segment.started', previousRunId: EXECUTION });
    for (const stage of ['two', 'beside', 'one']) {
      expect(now(state)).toEqual([undoes(stage)]);
      happens(state, stepStarted(stage), stepEnded(stage));
    }
    happens(state, { type: 'rollback.finished', rollbackId: ROLLBACK, status: 'succeeded' });
    expect(now(state)).toMatchObject([{ event: { type: 'run.finished', code: 'ROLLED_BACK' } }]);
  });

  test('happens by itself at most once per target, however often the stage fails afterwards', () => {
    const state = happens(failedCheck(), rollbackStarted);
    for (const stage of ['two', 'beside', 'one']) happens(state, stepStarted(stage), stepEnded(stage));
    happens(
      state,
      { type: 'rollback.finished', rollbackId: ROLLBACK, status: 'succeeded' },
      { type: 'run.finished', status: 'failed', code: 'ROLLED_BACK', failedStage: 'check' },
      { type: 'segment.started', previousRunId: EXECUTION },
    );
    const again = { frame: 0, attempt: 2 };
    for (const stage of ['one', 'two', 'beside', 'notes'])
      happens(
        state,
        started(stage),
        begun(stage, again),
        generated(stage, again),
        { type: 'attempt.judged', stage, ...again, verdict: 'approved', findings: [] },
        { type: 'stage.finished', stage, status: 'succeeded' },
      );
    happens(state, started('check'), begun('check', again));
    happens(state, generated('check', { ...again, outcome: 'failed', exitCode: 9 }), failure);
    expect(now(state)).toMatchObject([{ event: { type: 'run.finished', code: 'STAGE_FAILED' } }]);
  });
});
