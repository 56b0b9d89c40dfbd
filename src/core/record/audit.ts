import { type ApprovalEvent, isApprovalEvent } from '../run/audit.ts';
import type { RunEvent } from '../run/event.ts';

/** One entry of the audit, as a row. */
export interface AuditRow {
  seq: number;
  at: string;
  approval_id: string;
  stage_name: string;
  event:
    | 'requested'
    | 'notified'
    | 'approved'
    | 'rejected'
    | 'delegated'
    | 'timed_out'
    | 'cancelled'
    | 'void'
    | 'closed';
  actor: string | null;
  channel: string | null;
  comment: string | null;
  chain: string;
}

/** What is on record about one approval, or about all of a run, in order. */
export function auditRows(events: readonly RunEvent[], approvalId?: string): AuditRow[] {
  return events
    .filter(isApprovalEvent)
    .filter((event) => approvalId === undefined || event.approvalId === approvalId)
    .map(rowOf);
}

function rowOf(event: ApprovalEvent): AuditRow {
  const { seq, at, approvalId, stage, chain = '' } = event;
  return { seq, at, approval_id: approvalId, stage_name: stage, ...contentOf(event), chain };
}

function contentOf(event: ApprovalEvent): Pick<AuditRow, 'event' | 'actor' | 'channel' | 'comment'> {
  switch (event.type) {
    case 'approval.requested':
      return { event: 'requested', actor: event.requestedBy, channel: null, comment: event.summary };
    case 'approval.notified': {
      const detail = event.detail === undefined ? event.status : `${event.status}: ${event.detail}`;
      return { event: 'notified', actor: null, channel: event.channel, comment: detail };
    }
    case 'approval.voted':
      return {
        event: event.decision,
        actor: event.actor,
        channel: event.channel,
        comment: event.comment ?? null,
      };
    case 'approval.delegated': {
      const hop = `${event.from} → ${event.to}`;
      const comment = event.comment === undefined ? hop : `${hop}: ${event.comment}`;
      return { event: 'delegated', actor: event.actor, channel: event.channel, comment };
    }
    case 'approval.closed':
      return { ...closing(event), actor: null, channel: null };
  }
}

function closing(
  event: Extract<ApprovalEvent, { type: 'approval.closed' }>,
): Pick<AuditRow, 'event' | 'comment'> {
  const { status, action, reason = null } = event;
  if (status === 'approved' || status === 'rejected') {
    return { event: 'closed', comment: reason === null ? status : `${status}: ${reason}` };
  }
  return { event: status, comment: action === undefined ? reason : `default action: ${action}` };
}
