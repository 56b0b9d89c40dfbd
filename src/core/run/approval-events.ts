import type { EventOf } from './event-of.ts';
import { stageOf } from './lookup.ts';
import type { ApprovalState, RunState, StageState } from './state.ts';

/** A gate closes before a stage: it waits for people and takes no room meanwhile. */
export function approvalRequested(state: RunState, event: EventOf<'approval.requested'>): void {
  noteLink(state, event.chain);
  const stage = stageOf(state, event.stage);
  state.approvals.set(event.approvalId, {
    id: event.approvalId,
    stage: event.stage,
    requestedAt: event.at,
    requestedBy: event.requestedBy,
    deadline: event.deadline,
    onTimeout: event.onTimeout,
    preventSelfApproval: event.preventSelfApproval,
    quorum: event.quorum,
    seats: event.approvers.map((holder) => ({ original: holder, holder })),
    subject: event.subject,
    summary: event.summary,
    channels: new Map(),
    status: 'pending',
  });
  stage.approvals.push(event.approvalId);
  stage.status = 'waiting_approval';
  state.ready.delete(event.stage);
  state.gated.add(event.stage);
}

export function approvalNotified(state: RunState, event: EventOf<'approval.notified'>): void {
  noteLink(state, event.chain);
  state.approvals.get(event.approvalId)?.channels.set(event.channel, event.status);
}

export function approvalVoted(state: RunState, event: EventOf<'approval.voted'>): void {
  noteLink(state, event.chain);
  const seat = openSeat(state.approvals.get(event.approvalId), event.actor);
  if (seat === undefined) return;
  seat.vote = {
    decision: event.decision,
    at: event.at,
    channel: event.channel,
    ...(event.comment === undefined ? {} : { comment: event.comment }),
  };
}

export function approvalDelegated(state: RunState, event: EventOf<'approval.delegated'>): void {
  noteLink(state, event.chain);
  const seat = openSeat(state.approvals.get(event.approvalId), event.from);
  if (seat !== undefined) seat.holder = event.to;
}

export function approvalClosed(state: RunState, event: EventOf<'approval.closed'>): void {
  noteLink(state, event.chain);
  const approval = state.approvals.get(event.approvalId);
  const stage = stageOf(state, event.stage);
  if (approval === undefined) return;
  approval.status = event.status;
  approval.closedAt = event.at;
  if (event.action !== undefined) approval.action = event.action;
  if (event.reason !== undefined) approval.reason = event.reason;
  // A refused stage stays at its gate until it is recorded as failed.
  if (!isRefused(approval)) leaveGate(state, stage);
}

/** The people who decided let the stage begin. */
export function isGranted(approval: ApprovalState): boolean {
  return approval.status === 'approved' || (approval.status === 'timed_out' && approval.action === 'approve');
}

export function isRefused(approval: ApprovalState): boolean {
  return approval.status === 'rejected' || (approval.status === 'timed_out' && approval.action === 'reject');
}

/** The approval that counts for a stage: the one asked for last. */
export function latestApproval(state: RunState, stage: StageState): ApprovalState | undefined {
  const id = stage.approvals.at(-1);
  return id === undefined ? undefined : state.approvals.get(id);
}

/** The seat on which somebody may still vote. */
export function openSeat(approval: ApprovalState | undefined, holder: string) {
  if (approval?.status !== 'pending') return undefined;
  return approval.seats.find((seat) => seat.holder === holder && seat.vote === undefined);
}

function leaveGate(state: RunState, stage: StageState): void {
  if (!state.gated.delete(stage.name)) return;
  stage.status = 'pending';
  state.ready.add(stage.name);
}

function noteLink(state: RunState, chain: string | undefined): void {
  if (chain !== undefined) state.auditHead = chain;
}
