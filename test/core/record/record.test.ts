import { describe, expect, test } from 'vitest';
import { exportRecord } from '../../../src/core/record/export.ts';
import { pipelineRunRecord } from '../../../src/core/record/run.ts';
import { apply } from '../../../src/core/run/apply.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { runDetails } from '../../../src/interfaces/cli/report/run-details.ts';
import { runDetailsContract } from '../../../src/interfaces/contract/run.ts';
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
  succeeds,
} from '../../rig/run-builder.ts';

function stateAfter(first: ReturnType<typeof created>, ...bodies: RunEventBody[]): RunState {
  let state: RunState | undefined;
  let seq = 0;
  for (const body of [first, { type: 'segment.started' as const, previousRunId: null }, ...bodies]) {
    seq += 1;
    const at = new Date(Date.parse('2026-01-05T09:00:00.000Z') + seq * 1000).toISOString();
    state = apply(state, { v: 1, seq, epoch: 1, at, runId: EXECUTION, ...body });
  }
  if (state === undefined) throw new Error('no events');
  return state;
}

function details(state: RunState, lostOwner = false) {
  return runDetailsContract.parse(runDetails(state, lostOwner));
}

function attempt(stage: string, number: number, agent: string, outcome: string): RunEventBody[] {
  const key = { stage, frame: 0, attempt: number };
  return [
    { type: 'attempt.started', ...key, agent, runner: 'offline' },
    { type: 'attempt.generated', ...key, outcome, exitCode: outcome === 'ok' ? 0 : 1 },
  ];
}

const opened = (stage: string): RunEventBody => ({
  type: 'stage.started',
  stage,
  frames: [{ title: stage }],
});

describe('a run', () => {
  test('carries what began it, and its definition', () => {
    const state = stateAfter(
      created(aPipeline(aChain('build')), {
        cause: { kind: 'event', event: 'pull_request.merged', deliveryId: 'd-1', actor: 'ann' },
        registered: { id: 'p-1', revision: 3, hash: 'h' },
      }),
    );
    expect(pipelineRunRecord(state)).toMatchObject({
      id: EXECUTION,
      pipeline_id: 'p-1',
      revision: 3,
      status: 'running',
      trigger_event: 'pull_request.merged',
      delivery_id: 'd-1',
      triggered_by: 'ann',
      completed_at: null,
    });
  });

  test('whose owner is gone is shown as failed, whatever its journal says', () => {
    const state = stateAfter(created(aPipeline(aChain('build'))));
    expect(pipelineRunRecord(state, true)).toMatchObject({ status: 'failed', reason_code: 'SYS_OWNER_LOST' });
  });

  test('that succeeds without a stage has warnings; one that fails has none', () => {
    const pipeline = aPipeline([aStage('lint', { onFailure: 'continue' })]);
    const failed = { type: 'stage.finished', stage: 'lint', status: 'failed', code: 'STAGE_FAILED' } as const;
    const ended = (status: 'succeeded' | 'failed'): RunEventBody => ({
      type: 'run.finished',
      status,
      code: status === 'succeeded' ? 'PARTIAL_SUCCESS' : 'STAGE_FAILED',
    });
    expect(
      details(stateAfter(created(pipeline), opened('lint'), failed, ended('succeeded'))).run.with_warnings,
    ).toBe(true);
    expect(
      details(stateAfter(created(pipeline), opened('lint'), failed, ended('failed'))).run.with_warnings,
    ).toBe(false);
  });
});

describe('a stage', () => {
  test('names the agent of its latest attempt, and that of its definition as long as there is none', () => {
    const state = stateAfter(
      created(aPipeline(aChain('build', 'test'))),
      opened('build'),
      ...attempt('build', 1, 'first-agent', 'crashed'),
      ...attempt('build', 2, 'second-agent', 'ok'),
    );
    const [build, test] = details(state).stages;
    expect([build?.agent_id, test?.agent_id]).toEqual(['second-agent', 'test']);
    expect(build?.attempts.map(({ attempt: number, outcome }) => [number, outcome])).toEqual([
      [1, 'crashed'],
      [2, 'ok'],
    ]);
    expect(test?.depends_on).toEqual(['build']);
  });

  test('that is a command has no agent, whoever is noted as having run it', () => {
    const pipeline = aPipeline([aStage('build', { work: { kind: 'command', run: 'make' } })]);
    const state = stateAfter(created(pipeline), opened('build'), ...attempt('build', 1, 'command', 'ok'));
    expect(details(state).stages[0]?.agent_id).toBeNull();
  });

  test('that was skipped says why', () => {
    const state = stateAfter(created(aPipeline(aChain('docs'))), {
      type: 'stage.skipped',
      stage: 'docs',
      reason: 'WHEN_FALSE',
      detail: 'no path changed',
    });
    expect(details(state).stages[0]).toMatchObject({
      status: 'skipped',
      reason_code: 'WHEN_FALSE',
      message: 'no path changed',
    });
  });
});

describe('the frames of a stage', () => {
  const framed = aPipeline([aStage('draw', { foreach: ['a', 'b', 'c'], maxParallel: 2 })]);
  const second = { frame: 1, attempt: 1 };
  const atWork = () =>
    stateAfter(
      created(framed),
      started('draw', 3),
      begun('draw'),
      begun('draw', second),
      generated('draw'),
      rejected('draw', { findings: ['too wide'], logFile: '/run/logs/draw/0-1-audit.log' }),
      {
        type: 'attempt.started',
        stage: 'draw',
        frame: 0,
        attempt: 2,
        agent: 'draw',
        runner: 'x',
        strategy: 'SNAP',
      },
      generated('draw', { ...second, outcome: 'stalled', silentMs: 900 }),
    );

  test('are told as sums and one by one, with what became of every attempt', () => {
    const [stage] = details(atWork()).stages;
    expect(stage?.frames).toEqual({
      total: 3,
      approved: 0,
      rejected: 0,
      failed: 0,
      remaining: 3,
      at_work: 2,
      total_attempts: 3,
      list: [
        {
          frame: 0,
          title: 'draw 1',
          status: 'generating',
          attempts: 2,
          strategy: 'SNAP',
          reason_code: null,
          message: null,
        },
        {
          frame: 1,
          title: 'draw 2',
          status: 'retrying',
          attempts: 1,
          strategy: null,
          reason_code: null,
          message: 'stalled',
        },
        {
          frame: 2,
          title: 'draw 3',
          status: 'pending',
          attempts: 0,
          strategy: null,
          reason_code: null,
          message: null,
        },
      ],
    });
    expect(stage?.attempts).toMatchObject([
      {
        frame: 0,
        attempt: 1,
        verdict: 'rejected',
        reason_code: 'OUTPUT_INVALID',
        findings: ['too wide'],
        audit_log_file: '/run/logs/draw/0-1-audit.log',
      },
      { frame: 0, attempt: 2, strategy: 'SNAP', outcome: 'running', completed_at: null },
      { frame: 1, attempt: 1, outcome: 'stalled', silent_ms: 900 },
    ]);
  });

  test('of a run that nobody drives are interrupted, at the time of its last sign of life', () => {
    const state = atWork();
    const { run, stages } = details(state, true);
    expect(run.completed_at).toBe(state.at);
    expect(stages[0]).toMatchObject({ status: 'interrupted', completed_at: state.at });
    expect(stages[0]?.frames).toMatchObject({ at_work: 0, remaining: 3 });
    expect(stages[0]?.frames.list.map(({ status }) => status)).toEqual([
      'interrupted',
      'interrupted',
      'pending',
    ]);
    expect(stages[0]?.attempts[1]).toMatchObject({ outcome: 'interrupted', completed_at: state.at });
  });

  test('of a paused run are interrupted as well, until it goes on', () => {
    const state = happens(atWork(), { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 });
    expect(details(state).stages[0]).toMatchObject({ status: 'interrupted', completed_at: state.endedAt });
    happens(state, { type: 'segment.started', previousRunId: EXECUTION });
    expect(details(state).stages[0]).toMatchObject({ status: 'running', completed_at: null });
  });

  test('that are ten thousand are bounded, with those that matter in it', () => {
    const stage = aStage('draw', { foreach: ['x'], maxParallel: 9, onFailure: 'continue' });
    const state = stateAfter(created(aPipeline([stage])), started('draw', 10_000));
    for (let frame = 0; frame < 9_000; frame += 1) {
      const key = { frame, attempt: 1 };
      happens(state, begun('draw', key), generated('draw', key));
      if (frame % 1000 !== 999) happens(state, approved('draw', key));
      else
        happens(state, rejected('draw', key), {
          type: 'frame.failed',
          stage: 'draw',
          frame,
          status: 'rejected',
          code: 'OUTPUT_INVALID',
        });
    }
    happens(state, begun('draw', { frame: 9_500 }));
    const [record] = details(state).stages;
    const frames = record?.frames;
    expect(frames).toMatchObject({ total: 10_000, approved: 8_991, rejected: 9, total_attempts: 9_001 });
    expect(frames?.list).toHaveLength(1_000);
    expect(frames?.list.filter(({ status }) => status === 'rejected')).toHaveLength(9);
    expect(frames?.list.at(-1)).toMatchObject({ frame: 9_500, status: 'generating' });
    expect(record?.attempts).toHaveLength(1_000);
  });
});

describe('the export of a run', () => {
  const exporting = aPipeline(aChain('draw'), { export: { location: 'out', files: [], timeoutMs: 1000 } });

  test('is there once it was made or has failed', () => {
    const state = stateAfter(created(exporting), ...succeeds('draw'));
    expect(details(state).export).toBeNull();
    const failing = structuredClone(state);
    happens(state, {
      type: 'run.closed',
      outcome: 'exported',
      files: ['a.png'],
      location: 'out/',
      validationPassed: false,
      message: 'the validation did not pass',
    });
    expect(details(state).export).toMatchObject({
      status: 'exported',
      location: 'out/',
      files: ['a.png'],
      validation_passed: false,
      message: 'the validation did not pass',
    });
    happens(failing, {
      type: 'run.closed',
      outcome: 'failed',
      files: [],
      validationPassed: false,
      code: 'DEP_PACKER_FAIL',
      logFile: '/run/logs/export/run.log',
    });
    expect(details(failing).export).toMatchObject({
      status: 'failed',
      location: null,
      reason_code: 'DEP_PACKER_FAIL',
      log_file: '/run/logs/export/run.log',
    });
  });

  test('is none of a run that commits', () => {
    const state = stateAfter(created(aPipeline(aChain('draw'), { closing: 'commit' })), ...succeeds('draw'), {
      type: 'run.closed',
      outcome: 'committed',
      commit: 'abc',
      files: ['a'],
      validationPassed: true,
    });
    expect(exportRecord(state)).toBeNull();
  });
});

test('an approval shows each seat with its holder, and each vote as a decision', () => {
  const key = { approvalId: 'a-1', stage: 'ship' };
  const state = stateAfter(
    created(aPipeline([aStage('ship')])),
    {
      type: 'approval.requested',
      ...key,
      approvers: ['ann', 'bob'],
      quorum: 2,
      deadline: '2026-01-06T09:00:00.000Z',
      onTimeout: 'reject',
      preventSelfApproval: false,
      requestedBy: 'cyd',
      subject: { definition: 'd', inputs: 'i', commit: null },
      summary: 'ship it',
    },
    { type: 'approval.delegated', ...key, from: 'bob', to: 'dan', actor: 'bob', channel: 'cli' },
    { type: 'approval.voted', ...key, actor: 'dan', decision: 'approved', comment: 'fine', channel: 'cli' },
  );
  const [approval] = details(state).approvals;
  expect(approval?.seats).toEqual([
    { approver: 'ann', holder: 'ann', decision: null },
    { approver: 'bob', holder: 'dan', decision: 'approved' },
  ]);
  expect(approval?.decisions).toMatchObject([{ id: 'a-1/1', actor: 'dan', comment: 'fine' }]);
});

test('a rollback shows its steps in their order; a command that undoes has no agent', () => {
  const rollbackId = 'r-1';
  const state = stateAfter(
    created(aPipeline(aChain('build', 'deploy'))),
    {
      type: 'rollback.started',
      rollbackId,
      cause: 'manual',
      target: 'build',
      stages: ['deploy', 'build'],
      actor: 'ann',
    },
    { type: 'rollback.step.started', rollbackId, stage: 'deploy', agent: 'command', runner: 'command' },
    { type: 'rollback.step.finished', rollbackId, stage: 'deploy', status: 'succeeded', exitCode: 0 },
    { type: 'rollback.step.started', rollbackId, stage: 'build', agent: 'builder', runner: 'offline' },
  );
  expect(details(state).rollbacks).toMatchObject([
    {
      status: 'running',
      requested_by: 'ann',
      steps: [
        { stage_name: 'deploy', status: 'succeeded', agent_id: null, exit_code: 0 },
        { stage_name: 'build', status: 'running', agent_id: 'builder' },
      ],
    },
  ]);
});
