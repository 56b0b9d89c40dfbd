import { isRefused, latestApproval } from '../run/approval-events.ts';
import type { RunEventBody } from '../run/event.ts';
import type { ApprovalState, RunState } from '../run/state.ts';
import { perform, stageState } from './build.ts';
import type { Decision } from './decision.ts';

/** What the open gates of a run need: their end once votes or time have decided, else a look at the deadline. */
export function forGates(state: RunState, now: number): Decision[] {
  const decisions: Decision[] = [];
  for (const name of state.gated) {
    const approval = latestApproval(state, stageState(state, name));
    if (approval === undefined) continue;
    if (isRefused(approval)) decisions.push({ do: 'record', event: refused(approval) });
    else decisions.push(...forGate(approval, now));
  }
  return decisions;
}

/** Gates that nobody shall answer any more, because the run ends or goes backwards. */
export function closeGates(state: RunState, reason: string): Decision[] {
  const decisions: Decision[] = [];
  for (const name of state.gated) {
    const approval = latestApproval(state, stageState(state, name));
    if (approval === undefined) continue;
    if (isRefused(approval)) decisions.push({ do: 'record', event: refused(approval) });
    else decisions.push(close(approval, { status: 'cancelled', reason }));
  }
  return decisions;
}

function forGate(approval: ApprovalState, now: number): Decision[] {
  if (approval.channels.size === 0) {
    // Asked once; a channel that fails neither opens nor closes the gate.
    return [
      perform({ kind: 'notify', stage: approval.stage, approvalId: approval.id }),
      ...decided(approval, now),
    ];
  }
  return decided(approval, now);
}

/** Quorum reached, quorum out of reach, or deadline passed, in this order: a vote in time counts. */
function decided(approval: ApprovalState, now: number): Decision[] {
  const { seats, quorum } = approval;
  const yes = seats.filter((seat) => seat.vote?.decision === 'approved').length;
  const open = seats.filter((seat) => seat.vote === undefined).length;
  if (yes >= quorum) return [close(approval, { status: 'approved' })];
  if (yes + open < quorum) return [close(approval, { status: 'rejected', reason: objections(approval) })];
  const deadline = Date.parse(approval.deadline);
  if (now < deadline) return [{ do: 'wait', until: deadline, idle: true }];
  return [close(approval, { status: 'timed_out', action: approval.onTimeout })];
}

function objections({ seats }: ApprovalState): string {
  return seats
    .flatMap(({ holder, vote }) => {
      if (vote?.decision !== 'rejected') return [];
      return [vote.comment === undefined ? holder : `${holder}: ${vote.comment}`];
    })
    .join('; ');
}

function refused(approval: ApprovalState): RunEventBody {
  const expired = approval.status === 'timed_out';
  return {
    type: 'stage.finished',
    stage: approval.stage,
    status: 'failed',
    code: expired ? 'APPROVAL_EXPIRED' : 'APPROVAL_REJECTED',
    message: expired ? `nobody had decided by ${approval.deadline}` : (approval.reason ?? ''),
  };
}

function close(
  approval: ApprovalState,
  end: Pick<Extract<RunEventBody, { type: 'approval.closed' }>, 'status' | 'action' | 'reason'>,
): Decision {
  return {
    do: 'record',
    event: { type: 'approval.closed', approvalId: approval.id, stage: approval.stage, ...end },
  };
}
