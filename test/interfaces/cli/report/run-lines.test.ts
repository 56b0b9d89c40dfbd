import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEventBody } from '../../../../src/core/run/event.ts';
import { lineForEvent } from '../../../../src/interfaces/cli/report/run-lines.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  envelopes,
  generated,
  happens,
  started as startedStage,
  stateAfter,
  succeeds,
} from '../../../rig/run-builder.ts';
import { FEATURE_COMPLETE } from './graph/samples.ts';

const ID = 'a0000000-0000-4000-8000-000000000001';
const key = { approvalId: ID, stage: 'deploy-prod' };
const rollback = { rollbackId: 'r1' };

beforeEach(() => {
  vi.stubEnv('npm_lifecycle_event', '');
  return () => vi.unstubAllEnvs();
});

/** The lines of events that happen one after the other, a dash for none. */
function linesOf(...bodies: RunEventBody[]): string[] {
  const state = stateAfter(created(FEATURE_COMPLETE), ...succeeds('deploy-staging'));
  return envelopes(bodies).map((event, index) => {
    happens(state, ...bodies.slice(index, index + 1));
    return lineForEvent(event, state) ?? '-';
  });
}

const asked: RunEventBody = {
  type: 'approval.requested',
  ...key,
  approvers: ['team-lead', 'devops', 'ops'],
  quorum: 2,
  deadline: '2026-01-06T09:00:00.000Z',
  onTimeout: 'reject',
  preventSelfApproval: false,
  requestedBy: 'ann',
  subject: { definition: 'd', inputs: 'i', commit: null },
  summary: 'Deploy',
};

describe('what is said at a gate', () => {
  test('who is asked, until when, what to type, and how many have agreed', () => {
    expect(
      linesOf(
        asked,
        { type: 'approval.notified', ...key, channel: 'slack', status: 'queued' },
        { type: 'approval.notified', ...key, channel: 'slack', status: 'sent' },
        { type: 'approval.notified', ...key, channel: 'mail', status: 'failed', detail: 'no answer' },
        { type: 'approval.voted', ...key, actor: 'ops', decision: 'approved', channel: 'cli' },
        {
          type: 'approval.delegated',
          ...key,
          from: 'devops',
          to: 'eve',
          actor: 'admin',
          channel: 'cli',
          comment: 'away',
        },
        {
          type: 'approval.voted',
          ...key,
          actor: 'eve',
          decision: 'approved',
          channel: 'cli',
          comment: 'LG\u001b[31mTM\nok',
        },
        { type: 'approval.closed', ...key, status: 'approved' },
      ),
    ).toEqual([
      `deploy-prod: waits for approval by 2 of team-lead, devops, ops until 2026-01-06 09:00:00Z, else rejected: murmur8 approval approve ${ID} --comment "…"`,
      '-',
      'deploy-prod: told the approvers through slack',
      'deploy-prod: could not tell the approvers through mail: no answer',
      'deploy-prod: approved by ops (1 of 2)',
      'deploy-prod: the vote of devops goes to eve, by admin: away',
      'deploy-prod: approved by eve (2 of 2): LGTM ok',
      'deploy-prod: approval given',
    ]);
  });

  test('how it ends otherwise, and what is refused', () => {
    expect(
      linesOf(
        asked,
        { type: 'approval.closed', ...key, status: 'void', reason: 'the commit is another one' },
        { type: 'approval.closed', ...key, status: 'timed_out', action: 'reject' },
        { type: 'approval.closed', ...key, status: 'rejected', reason: 'not tested' },
        { type: 'approval.closed', ...key, status: 'cancelled' },
        {
          type: 'request.refused',
          requestId: 'q',
          actor: 'bob',
          kind: 'approve',
          code: 'forbidden',
          message: 'bob is no approver',
        },
      ).slice(1),
    ).toEqual([
      'deploy-prod: what was to be approved has changed; it is asked for again: the commit is another one',
      'deploy-prod: nobody decided in time, so it is rejected',
      'deploy-prod: approval refused: not tested',
      'deploy-prod: approval no longer needed',
      'refused: approve by bob: bob is no approver',
    ]);
  });
});

test('a rollback is told from its cause to its end', () => {
  expect(
    linesOf(
      {
        type: 'rollback.started',
        ...rollback,
        cause: 'failure',
        target: 'deploy-staging',
        stages: ['deploy-staging'],
        failedStage: 'smoke-test',
      },
      {
        type: 'rollback.step.started',
        ...rollback,
        stage: 'deploy-staging',
        agent: 'deployer',
        runner: 'offline',
      },
      { type: 'rollback.step.finished', ...rollback, stage: 'deploy-staging', status: 'interrupted' },
      {
        type: 'rollback.step.finished',
        ...rollback,
        stage: 'deploy-staging',
        status: 'failed',
        exitCode: 2,
        message: 'no',
      },
      { type: 'rollback.finished', ...rollback, status: 'failed' },
    ),
  ).toEqual([
    'rolling back to deploy-staging because smoke-test failed: undoing deploy-staging',
    'deploy-staging: undoing by deployer on offline',
    'deploy-staging: undoing was interrupted and will be done again',
    'deploy-staging: undoing failed with exit code 2: no',
    'rollback to deploy-staging failed',
  ]);
});

test('a condition that holds is no news; one that does not says why', () => {
  const condition = { test: 'branch', value: true, reason: 'branch is main' } as const;
  expect(
    linesOf(
      { type: 'condition.met', stage: 'smoke-test', condition },
      { type: 'stage.skipped', stage: 'smoke-test', reason: 'WHEN_FALSE', detail: 'branch is x, not main' },
    ),
  ).toEqual(['-', 'smoke-test: skipped, WHEN_FALSE (branch is x, not main)']);
});

describe('a command that fails', () => {
  function told(retries: number, attempts: number): string[] {
    const work = { kind: 'command', run: 'false' } as const;
    const state = stateAfter(created(aPipeline([aStage('check', { work, retries })])), startedStage('check'));
    return Array.from({ length: attempts }, (_, index) => index + 1)
      .flatMap((attempt) => [
        begun('check', { attempt }),
        generated('check', { attempt, outcome: 'failed', message: 'exit code 3' }),
      ])
      .flatMap((body) => {
        happens(state, body);
        return envelopes([body]).map((event) => lineForEvent(event, state) ?? '-');
      });
  }

  test('is told of once where the end of its stage says the same', () => {
    expect(told(0, 1)).toEqual(['check: started', '-']);
  });

  test('is told of each time where it is tried again', () => {
    expect(told(1, 2)).toEqual([
      'check: started',
      'check: failed, exit code 3',
      'check: started, attempt 2',
      '-',
    ]);
  });
});
