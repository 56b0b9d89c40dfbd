import { describe, expect, test } from 'vitest';
import { approvalRecords } from '../../../src/core/record/approvals.ts';
import { rollbackRecords } from '../../../src/core/record/rollbacks.ts';
import { pipelineRunRecord } from '../../../src/core/record/run.ts';
import { stageRecords } from '../../../src/core/record/stages.ts';
import { apply } from '../../../src/core/run/apply.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { runDetailsContract } from '../../../src/interfaces/contract/run.ts';
import { aChain, aPipeline, aStage, created, EXECUTION } from '../../rig/run-builder.ts';

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

function details(state: RunState) {
  return runDetailsContract.parse({
    run: pipelineRunRecord(state),
    stages: stageRecords(state),
    approvals: approvalRecords(state),
    rollbacks: rollbackRecords(state),
  });
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
