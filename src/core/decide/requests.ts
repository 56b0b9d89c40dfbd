import { openSeat } from '../run/approval-events.ts';
import type { RunEventBody } from '../run/event.ts';
import { openQuestionOf } from '../run/question.ts';
import type { RunRequest } from '../run/request.ts';
import type { ApprovalState, RunState } from '../run/state.ts';

type Refusal = Pick<Extract<RunEventBody, { type: 'request.refused' }>, 'code' | 'message'>;

/**
 * What a request from outside means for the run as it is: the event that grants it, or `request.refused` with the
 * reason, so that whoever asked gets an answer from the journal. Nothing for one that was answered before (its file
 * outlived a crash).
 *
 * @param now milliseconds since the epoch
 */
export function eventsForRequest(state: RunState, request: RunRequest, now: number): RunEventBody[] {
  if (state.answered.has(request.id)) return [];
  const outcome = granted(state, request, now);
  if (!('refused' in outcome)) return [outcome];
  const { id, actor, kind } = request;
  return [{ type: 'request.refused', requestId: id, actor, kind, ...outcome.refused }];
}

function granted(
  state: RunState,
  request: RunRequest,
  now: number,
): RunEventBody | { readonly refused: Refusal } {
  const requestId = request.id;
  switch (request.kind) {
    case 'answer':
      return answered(state, request.text ?? '', requestId);
    case 'cancel':
      return stop(state, request, request.code ?? 'USER_CANCELLED');
    case 'pause':
      return stop(state, request, 'USER_INTERRUPT');
    case 'notified': {
      const { approvalId, channel, status, detail } = request;
      const approval = state.approvals.get(approvalId);
      if (approval === undefined) return unknownApproval(approvalId);
      const key = { approvalId, stage: approval.stage, channel, status, requestId };
      return { type: 'approval.notified', ...key, ...(detail === undefined ? {} : { detail }) };
    }
    case 'vote':
      return voted(state, request, now);
    case 'delegate':
      return delegated(state, request, now);
  }
}

function answered(state: RunState, answer: string, requestId: string) {
  for (const name of state.active) {
    const stage = state.stages.get(name);
    const asked = stage === undefined ? undefined : openQuestionOf(stage);
    if (asked === undefined) continue;
    const at = { stage: name, frame: asked.frame.index, attempt: asked.attempt.number };
    return { type: 'question.answered' as const, ...at, answer, requestId };
  }
  return conflict('no question is open');
}

function stop(state: RunState, request: RunRequest, code: string) {
  if (state.phase === 'succeeded' || state.phase === 'failed' || state.phase === 'cancelled')
    return conflict(`the run is over: ${state.phase}`);
  return { type: 'stop.requested' as const, code, requestId: request.id, actor: request.actor };
}

function voted(state: RunState, request: Extract<RunRequest, { kind: 'vote' }>, now: number) {
  const approval = state.approvals.get(request.approvalId);
  if (approval === undefined) return unknownApproval(request.approvalId);
  const closed = closedGate(approval, now);
  if (closed !== undefined) return closed;
  const { actor, decision, channel, comment } = request;
  const seats = approval.seats.filter((seat) => seat.holder === actor);
  if (seats.length === 0) return forbidden(`${actor} is no approver; approvers are ${holders(approval)}`);
  if (openSeat(approval, actor) === undefined) return conflict(`${actor} has voted already`);
  if (approval.preventSelfApproval && actor === approval.requestedBy)
    return forbidden(`${actor} started the run and cannot decide about it`);
  return {
    type: 'approval.voted' as const,
    approvalId: approval.id,
    stage: approval.stage,
    actor,
    decision,
    channel,
    ...(comment === undefined ? {} : { comment }),
    requestId: request.id,
  };
}

/** One unvoted seat goes to somebody who has none: by its holder, or by an admin for them. */
function delegated(state: RunState, request: Extract<RunRequest, { kind: 'delegate' }>, now: number) {
  const approval = state.approvals.get(request.approvalId);
  if (approval === undefined) return unknownApproval(request.approvalId);
  const closed = closedGate(approval, now);
  if (closed !== undefined) return closed;
  const { actor, to, asAdmin, channel, comment } = request;
  const from = request.from ?? actor;
  if (from !== actor && !asAdmin)
    return forbidden(`${actor} cannot give away the seat of ${from}: only its holder or an admin can`);
  if (!approval.seats.some((seat) => seat.holder === from))
    return forbidden(`${from} has no seat to give away; approvers are ${holders(approval)}`);
  if (openSeat(approval, from) === undefined) return conflict(`${from} has voted already`);
  if (to === '') return conflict('nobody was named to take the seat');
  if (approval.seats.some((seat) => seat.holder === to)) return conflict(`${to} has a seat already`);
  if (approval.preventSelfApproval && to === approval.requestedBy)
    return forbidden(`${to} started the run and cannot decide about it`);
  return {
    type: 'approval.delegated' as const,
    approvalId: approval.id,
    stage: approval.stage,
    from,
    to,
    actor,
    channel,
    ...(comment === undefined ? {} : { comment }),
    requestId: request.id,
  };
}

function closedGate(approval: ApprovalState, now: number) {
  if (approval.status !== 'pending') return conflict(`the approval is closed: ${approval.status}`);
  if (now >= Date.parse(approval.deadline)) return conflict(`its deadline has passed: ${approval.deadline}`);
  return undefined;
}

function holders(approval: ApprovalState): string {
  return approval.seats.map((seat) => seat.holder).join(', ');
}

function unknownApproval(id: string) {
  return { refused: { code: 'not-found' as const, message: `the run has no approval ${id}` } };
}

function conflict(message: string) {
  return { refused: { code: 'conflict' as const, message } };
}

function forbidden(message: string) {
  return { refused: { code: 'forbidden' as const, message } };
}
