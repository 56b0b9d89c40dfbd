import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import { eventsForRequest } from '../../../src/core/decide/requests.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RequestBody } from '../../../src/core/run/request.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  aStage,
  BEGINNING,
  begun,
  created,
  generated,
  happens,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const HOUR = 3_600_000;
const DEADLINE = BEGINNING + HOUR;

function gated(name: string, different: Partial<Stage> = {}): Stage {
  const approval = {
    approvers: ['ann', 'bob', 'cid'],
    quorum: 'all',
    timeoutMs: HOUR,
    onTimeout: 'reject',
    preventSelfApproval: false,
  } as const;
  return aStage(name, { approval, ...different });
}

function requested(
  different: Partial<Extract<RunEventBody, { type: 'approval.requested' }>> = {},
): RunEventBody {
  return {
    type: 'approval.requested',
    approvalId: 'a1',
    stage: 'ship',
    approvers: ['ann', 'bob', 'cid'],
    quorum: 3,
    deadline: new Date(DEADLINE).toISOString(),
    onTimeout: 'reject',
    preventSelfApproval: false,
    requestedBy: 'eve',
    subject: { definition: 'd', inputs: 'i', commit: null },
    summary: 'run: ship it',
    ...different,
  };
}

const told: RunEventBody = {
  type: 'approval.notified',
  approvalId: 'a1',
  stage: 'ship',
  channel: 'chat',
  status: 'queued',
};

function voted(actor: string, decision: 'approved' | 'rejected', comment?: string): RunEventBody {
  const said = comment === undefined ? {} : { comment };
  return {
    type: 'approval.voted',
    approvalId: 'a1',
    stage: 'ship',
    actor,
    decision,
    channel: 'cli',
    ...said,
  };
}

function closed(
  different: Partial<Extract<RunEventBody, { type: 'approval.closed' }>> = {},
): Extract<RunEventBody, { type: 'approval.closed' }> {
  return { type: 'approval.closed', approvalId: 'a1', stage: 'ship', status: 'approved', ...different };
}

const records = (event: RunEventBody) => ({ do: 'record', event });
const WAITS = { do: 'wait', until: DEADLINE, idle: true };

/** A run of one stage whose gate is open, with approvers told, and the votes given. */
function atGate(quorum: number, ...votes: readonly RunEventBody[]): RunState {
  return stateAfter(created(aPipeline([gated('ship')])), requested({ quorum }), told, ...votes);
}

function at(state: RunState, now: number = Date.parse(state.at)) {
  return decide(state, now);
}

describe('a stage with a gate', () => {
  test('asks before it begins, once its needs have ended', () => {
    const pipeline = created(aPipeline([aStage('build'), gated('ship', { needs: ['build'] })]));
    expect(at(stateAfter(pipeline, ...succeeds('build')))).toEqual([
      {
        do: 'perform',
        key: 'ask-approval:ship:0',
        work: { kind: 'ask-approval', stage: 'ship', nth: 0 },
      },
    ]);
  });

  test('tells its approvers once, and then keeps nobody awake until the deadline', () => {
    const asked = stateAfter(created(aPipeline([gated('ship')])), requested());
    expect(at(asked)).toEqual([
      { do: 'perform', key: 'notify:a1', work: { kind: 'notify', stage: 'ship', approvalId: 'a1' } },
      WAITS,
    ]);
    expect(at(happens(asked, told))).toEqual([WAITS]);
    expect(asked.phase).toBe('waiting_approval');
  });

  test('takes no room: another branch goes on, and the run is running', () => {
    const pipeline = created(aPipeline([gated('ship'), aStage('docs')], { maxParallel: 1 }));
    const state = stateAfter(pipeline, requested(), told);
    expect(at(state)).toEqual([
      WAITS,
      records({ type: 'stage.started', stage: 'docs', frames: [{ title: 'docs' }] }),
    ]);
    expect(state.phase).toBe('running');
    happens(state, ...succeeds('docs'));
    expect(state.phase).toBe('waiting_approval');
  });

  test('is opened, and what was approved is looked at once more', () => {
    const state = happens(atGate(1, voted('ann', 'approved')), closed({ status: 'approved' }));
    expect(at(state)).toEqual([{ do: 'perform', key: 'open:ship', work: { kind: 'open', stage: 'ship' } }]);
  });

  test('asks again when what was approved has changed', () => {
    const state = happens(
      atGate(1, voted('ann', 'approved')),
      closed(),
      closed({ status: 'void', reason: 'the commit has changed' }),
    );
    expect(at(state)).toMatchObject([{ key: 'ask-approval:ship:1' }]);
  });
});

describe('votes', () => {
  const yes = (actor: string) => voted(actor, 'approved');
  const no = (actor: string, comment?: string) => voted(actor, 'rejected', comment);

  test.each([
    ['all of three, two of them', 3, [yes('ann'), yes('bob')]],
    ['two of three, one of them', 2, [yes('cid')]],
    ['two of three, one against', 2, [no('ann')]],
    ['two of three, one for and one against', 2, [yes('ann'), no('bob')]],
    ['any of three, two against', 1, [no('ann'), no('bob')]],
  ])('that settle nothing leave the gate open: %s', (_name, quorum, votes) => {
    expect(at(atGate(quorum, ...votes))).toEqual([WAITS]);
  });

  test.each([
    ['all of three', 3, [yes('ann'), yes('bob'), yes('cid')]],
    ['two of three', 2, [yes('cid'), yes('ann')]],
    ['two of three, after one against', 2, [no('ann'), yes('bob'), yes('cid')]],
    ['any of three', 1, [yes('bob')]],
  ])('that reach the quorum approve: %s', (_name, quorum, votes) => {
    expect(at(atGate(quorum, ...votes))).toEqual([records(closed({ status: 'approved' }))]);
  });

  test.each([
    ['all of three, the first against', 3, [no('bob')], 'bob'],
    ['two of three, two against', 2, [no('ann', 'too early'), no('cid')], 'ann: too early; cid'],
    ['any of three, all against', 1, [no('cid'), no('ann'), no('bob')], 'ann; bob; cid'],
  ])(
    'after which the quorum is out of reach reject, with who and why: %s',
    (_name, quorum, votes, reason) => {
      expect(at(atGate(quorum, ...votes))).toEqual([records(closed({ status: 'rejected', reason }))]);
    },
  );
});

describe('a deadline', () => {
  test('passes at its very millisecond, and means what was agreed', () => {
    const state = atGate(3);
    expect(at(state, DEADLINE - 1)).toEqual([WAITS]);
    expect(at(state, DEADLINE)).toEqual([records(closed({ status: 'timed_out', action: 'reject' }))]);
    const lenient = stateAfter(
      created(aPipeline([gated('ship')])),
      requested({ onTimeout: 'approve' }),
      told,
    );
    expect(at(lenient, DEADLINE + HOUR)).toEqual([
      records(closed({ status: 'timed_out', action: 'approve' })),
    ]);
    expect(at(happens(lenient, closed({ status: 'timed_out', action: 'approve' })))).toMatchObject([
      { key: 'open:ship' },
    ]);
  });

  test('that passed before anybody looked takes nothing from votes that came in time', () => {
    const late = DEADLINE + 24 * HOUR;
    expect(at(atGate(1, voted('bob', 'approved')), late)).toEqual([records(closed())]);
    expect(at(atGate(3, voted('bob', 'rejected')), late)).toMatchObject([{ event: { status: 'rejected' } }]);
    expect(at(atGate(3, voted('bob', 'approved')), late)).toMatchObject([{ event: { status: 'timed_out' } }]);
  });

  test('is held against the clock as it is: forth and back changes nothing until it is recorded', () => {
    const state = atGate(1);
    const vote = { id: 'r1', actor: 'ann', at: state.at, kind: 'vote', approvalId: 'a1' } as const;
    const request = { ...vote, decision: 'approved', channel: 'cli' } as const;
    for (let round = 0; round < 3; round += 1) {
      expect(at(state, DEADLINE + HOUR)).toMatchObject([{ event: { status: 'timed_out' } }]);
      expect(eventsForRequest(state, request, DEADLINE + HOUR)).toMatchObject([{ code: 'conflict' }]);
      expect(at(state, DEADLINE - HOUR)).toEqual([WAITS]);
      expect(eventsForRequest(state, request, DEADLINE - HOUR)).toMatchObject([{ type: 'approval.voted' }]);
    }
    happens(state, closed({ status: 'timed_out', action: 'reject' }));
    // Back before the deadline, even before the run: what is recorded stays.
    for (const now of [DEADLINE - HOUR, BEGINNING - 24 * HOUR]) {
      expect(at(state, now)).toMatchObject([{ event: { type: 'stage.finished', code: 'APPROVAL_EXPIRED' } }]);
      expect(eventsForRequest(state, request, now)).toMatchObject([{ code: 'conflict' }]);
    }
  });
});

describe('a refusal', () => {
  const rejection = closed({ status: 'rejected', reason: 'bob: too early' });

  test('fails the stage with what was said, or with when it had to be decided', () => {
    expect(at(happens(atGate(3), rejection))).toEqual([
      records({
        type: 'stage.finished',
        stage: 'ship',
        status: 'failed',
        code: 'APPROVAL_REJECTED',
        message: 'bob: too early',
      }),
    ]);
    expect(at(happens(atGate(3), closed({ status: 'timed_out', action: 'reject' })))).toEqual([
      records({
        type: 'stage.finished',
        stage: 'ship',
        status: 'failed',
        code: 'APPROVAL_EXPIRED',
        message: `nobody had decided by ${new Date(DEADLINE).toISOString()}`,
      }),
    ]);
  });

  test.each(['halt', 'continue', 'rollback'] as const)(
    'fails the run and undoes nothing, whatever the stage says about failures: %s',
    (onFailure) => {
      const build = aStage('build', { rollback: { work: { kind: 'command', run: 'undo' }, timeoutMs: 1 } });
      const ship = gated('ship', {
        needs: ['build'],
        onFailure,
        ...(onFailure === 'rollback' ? { rollbackTo: 'build' } : {}),
      });
      const state = stateAfter(
        created(aPipeline([build, ship])),
        ...succeeds('build'),
        requested(),
        told,
        rejection,
        {
          type: 'stage.finished',
          stage: 'ship',
          status: 'failed',
          code: 'APPROVAL_REJECTED',
          message: 'bob: too early',
        },
      );
      expect(at(state)).toEqual([
        records({
          type: 'run.finished',
          status: 'failed',
          code: 'APPROVAL_REJECTED',
          message: 'bob: too early',
          failedStage: 'ship',
        }),
      ]);
    },
  );
});

describe('a gate that nobody shall answer any more', () => {
  const pipeline = created(aPipeline([gated('ship'), aStage('other'), aStage('after', { needs: ['ship'] })]));
  const failed: RunEventBody = {
    type: 'stage.finished',
    stage: 'other',
    status: 'failed',
    code: 'STAGE_FAILED',
  };

  test('is closed when another stage halts the run, before what waited for it is skipped', () => {
    const state = stateAfter(pipeline, requested(), told, started('other'), begun('other'));
    happens(state, generated('other', { outcome: 'failed' }), failed);
    expect(at(state)).toEqual([
      records(closed({ status: 'cancelled', reason: 'the run was halted by other' })),
    ]);
    happens(state, closed({ status: 'cancelled', reason: 'the run was halted by other' }));
    expect(at(state)).toEqual([records({ type: 'stage.skipped', stage: 'ship', reason: 'RUN_HALTED' })]);
  });

  test('is closed when the run is cancelled, before its last word', () => {
    const state = stateAfter(created(aPipeline([gated('ship')])), requested(), told, {
      type: 'stop.requested',
      code: 'USER_CANCELLED',
    });
    expect(at(state)).toEqual([records(closed({ status: 'cancelled', reason: 'the run was cancelled' }))]);
    happens(state, closed({ status: 'cancelled', reason: 'the run was cancelled' }));
    expect(at(state)).toEqual([
      records({ type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' }),
    ]);
  });

  test('stays open when the run is only interrupted', () => {
    const state = happens(atGate(3, voted('ann', 'approved')), {
      type: 'stop.requested',
      code: 'USER_INTERRUPT',
    });
    expect(at(state)).toMatchObject([{ event: { type: 'run.stopped', code: 'USER_INTERRUPT' } }]);
    happens(
      state,
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
      { type: 'segment.started', previousRunId: state.runId },
    );
    expect(state.approvals.get('a1')?.status).toBe('pending');
    expect(at(happens(state, voted('bob', 'approved'), voted('cid', 'approved')))).toEqual([
      records(closed()),
    ]);
  });
});

describe('somebody who asks something of a gate', () => {
  function answer(state: RunState, actor: string, body: RequestBody, now = BEGINNING) {
    return eventsForRequest(state, { id: 'r1', actor, at: state.at, ...body }, now);
  }
  const approve = { kind: 'vote', approvalId: 'a1', decision: 'approved', channel: 'cli' } as const;
  const delegate = { kind: 'delegate', approvalId: 'a1', to: 'dan', asAdmin: false, channel: 'cli' } as const;
  const refused = (code: string, message: string) => [
    { type: 'request.refused', requestId: 'r1', code, message: expect.stringContaining(message) },
  ];

  test('has a vote with a seat, and one only', () => {
    expect(answer(atGate(3), 'ann', { ...approve, comment: 'go' })).toEqual([
      { ...voted('ann', 'approved', 'go'), requestId: 'r1' },
    ]);
    expect(answer(atGate(3), 'eve', approve)).toMatchObject(refused('forbidden', 'eve is no approver'));
    expect(answer(atGate(3, voted('ann', 'approved')), 'ann', approve)).toMatchObject(
      refused('conflict', 'ann has voted already'),
    );
    expect(answer(atGate(3), 'ann', { ...approve, approvalId: 'a2' })).toMatchObject(
      refused('not-found', 'a2'),
    );
  });

  test('is told that a gate is closed', () => {
    for (const status of ['approved', 'rejected', 'timed_out', 'cancelled', 'void'] as const) {
      const state = happens(atGate(3), closed({ status }));
      expect(answer(state, 'ann', approve)).toMatchObject(refused('conflict', status));
      expect(answer(state, 'ann', delegate)).toMatchObject(refused('conflict', status));
    }
  });

  test('gives away a seat of their own that has no vote, to somebody who has none', () => {
    expect(answer(atGate(3), 'ann', delegate)).toMatchObject([
      { type: 'approval.delegated', from: 'ann', to: 'dan', actor: 'ann' },
    ]);
    expect(answer(atGate(3), 'eve', delegate)).toMatchObject(refused('forbidden', 'eve has no seat'));
    expect(answer(atGate(3), 'ann', { ...delegate, to: 'bob' })).toMatchObject(
      refused('conflict', 'bob has a seat already'),
    );
    expect(answer(atGate(3), 'ann', { ...delegate, to: 'ann' })).toMatchObject(
      refused('conflict', 'ann has a seat already'),
    );
    expect(answer(atGate(3, voted('ann', 'approved')), 'ann', delegate)).toMatchObject(
      refused('conflict', 'ann has voted already'),
    );
  });

  test('gives away the seat of another only as an admin', () => {
    expect(answer(atGate(3), 'eve', { ...delegate, from: 'bob' })).toMatchObject(
      refused('forbidden', 'cannot give away the seat of bob'),
    );
    expect(answer(atGate(3), 'eve', { ...delegate, from: 'bob', asAdmin: true })).toMatchObject([
      { type: 'approval.delegated', from: 'bob', to: 'dan', actor: 'eve' },
    ]);
  });

  test('has neither vote nor seat over a run of their own, where that is ruled out', () => {
    const own = { preventSelfApproval: true, requestedBy: 'ann' };
    const state = stateAfter(created(aPipeline([gated('ship')])), requested(own), told);
    expect(answer(state, 'ann', approve)).toMatchObject(refused('forbidden', 'ann started the run'));
    const other = stateAfter(
      created(aPipeline([gated('ship')])),
      requested({ ...own, requestedBy: 'dan' }),
      told,
    );
    expect(answer(other, 'ann', delegate)).toMatchObject(refused('forbidden', 'dan started the run'));
  });
});
