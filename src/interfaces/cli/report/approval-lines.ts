import { unreachable } from '../../../core/never.ts';
import type { EventOf } from '../../../core/run/event-of.ts';
import type { ApprovalState, RunState } from '../../../core/run/state.ts';
import { asTyped } from '../as-typed.ts';
import { formatInstant } from './duration.ts';
import { namesAsText } from './graph/stage-text.ts';
import { oneLine } from './one-line.ts';

type ApprovalEvent = EventOf<
  | 'approval.requested'
  | 'approval.notified'
  | 'approval.voted'
  | 'approval.delegated'
  | 'approval.closed'
  | 'request.refused'
>;

/** What happens at a gate, as a line for people; undefined for what is no news to them. */
export function approvalLine(event: ApprovalEvent, state: RunState): string | undefined {
  switch (event.type) {
    case 'approval.requested':
      return `${event.stage}: waits for approval by ${votersAsText(event.approvers, event.quorum)} until ${formatInstant(event.deadline)}, else ${outcomeOf(event.onTimeout)}: ${approveCommand(event.approvalId)}`;
    case 'approval.notified':
      return notifiedLine(event);
    case 'approval.voted':
      return `${event.stage}: ${event.decision} by ${oneLine(event.actor)}${countOf(state.approvals.get(event.approvalId))}${said(event.comment)}`;
    case 'approval.delegated':
      return `${event.stage}: the vote of ${oneLine(event.from)} goes to ${oneLine(event.to)}${event.actor === event.from ? '' : `, by ${oneLine(event.actor)}`}${said(event.comment)}`;
    case 'approval.closed':
      return `${event.stage}: ${closedText(event)}${said(event.reason)}`;
    case 'request.refused':
      return `refused: ${oneLine(event.kind)} by ${oneLine(event.actor)}: ${oneLine(event.message, 300)}`;
    default:
      return unreachable(event);
  }
}

/** What to type to let a gate open; the dots stand for a comment of one's own. */
export function approveCommand(approvalId: string): string {
  return asTyped(`murmur8 approval approve ${oneLine(approvalId)} --comment "…"`);
}

/** What to type to keep it shut. */
export function rejectCommand(approvalId: string): string {
  return asTyped(`murmur8 approval reject ${oneLine(approvalId)} --reason "…"`);
}

/** `all of a, b`, `2 of a, b, c`, or the only name. */
export function votersAsText(approvers: readonly string[], quorum: number): string {
  const names = namesAsText(approvers);
  if (approvers.length <= 1) return names === '' ? 'nobody that is known' : names;
  if (quorum >= approvers.length) return `all of ${names}`;
  return quorum === 1 ? `any of ${names}` : `${quorum} of ${names}`;
}

function notifiedLine({ stage, channel, status, detail }: EventOf<'approval.notified'>): string | undefined {
  if (status === 'queued') return undefined;
  const name = oneLine(channel, 60);
  return status === 'sent'
    ? `${stage}: told the approvers through ${name}`
    : `${stage}: could not tell the approvers through ${name}${said(detail)}`;
}

function closedText({ status, action }: EventOf<'approval.closed'>): string {
  switch (status) {
    case 'approved':
      return 'approval given';
    case 'rejected':
      return 'approval refused';
    case 'timed_out':
      return `nobody decided in time, so it is ${outcomeOf(action ?? 'reject')}`;
    case 'cancelled':
      return 'approval no longer needed';
    case 'void':
      return 'what was to be approved has changed; it is asked for again';
  }
}

/** How many of the votes that are needed there are. */
function countOf(approval: ApprovalState | undefined): string {
  if (approval === undefined) return '';
  return ` (${approvedVotes(approval)} of ${approval.quorum})`;
}

export function approvedVotes(approval: ApprovalState): number {
  return approval.seats.filter((seat) => seat.vote?.decision === 'approved').length;
}

function outcomeOf(action: 'reject' | 'approve'): string {
  return action === 'approve' ? 'approved' : 'rejected';
}

function said(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `: ${oneLine(text, 300)}`;
}
