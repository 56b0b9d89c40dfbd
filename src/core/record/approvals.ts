import type { ApprovalState, RunState, Seat } from '../run/state.ts';

export interface ApprovalDecisionRow {
  id: string;
  approval_id: string;
  actor: string;
  decision: 'approved' | 'rejected';
  comment: string | null;
  channel: string;
  decided_at: string;
}

/** A row of `approvals`, with its seats and decisions. */
export interface ApprovalRow {
  id: string;
  run_id: string;
  pipeline: string;
  stage_name: string;
  status: ApprovalState['status'];
  requested_at: string;
  requested_by: string;
  deadline: string;
  default_action: 'reject' | 'approve';
  action: 'reject' | 'approve' | null;
  quorum: number;
  prevent_self_approval: boolean;
  summary: string;
  subject: { definition: string; inputs: string; commit: string | null };
  seats: { approver: string; holder: string; decision: 'approved' | 'rejected' | null }[];
  decisions: ApprovalDecisionRow[];
  notifications: Record<string, 'queued' | 'sent' | 'failed'>;
  reason: string | null;
  completed_at: string | null;
}

/** Everything that was asked for in a run, oldest first. */
export function approvalRecords(state: RunState): ApprovalRow[] {
  return [...state.approvals.values()].map((approval) => approvalRecord(state, approval));
}

export function approvalRecord(state: RunState, approval: ApprovalState): ApprovalRow {
  return {
    id: approval.id,
    run_id: state.executionId,
    pipeline: state.pipeline.name,
    stage_name: approval.stage,
    status: approval.status,
    requested_at: approval.requestedAt,
    requested_by: approval.requestedBy,
    deadline: approval.deadline,
    default_action: approval.onTimeout,
    action: approval.action ?? null,
    quorum: approval.quorum,
    prevent_self_approval: approval.preventSelfApproval,
    summary: approval.summary,
    subject: { ...approval.subject },
    seats: approval.seats.map(({ original, holder, vote }) => {
      return { approver: original, holder, decision: vote?.decision ?? null };
    }),
    decisions: approval.seats.flatMap((seat, index) => decisionOf(approval, seat, index)),
    notifications: Object.fromEntries(approval.channels),
    reason: approval.reason ?? null,
    completed_at: approval.closedAt ?? null,
  };
}

function decisionOf(approval: ApprovalState, { holder, vote }: Seat, index: number): ApprovalDecisionRow[] {
  if (vote === undefined) return [];
  return [
    {
      id: `${approval.id}/${index}`,
      approval_id: approval.id,
      actor: holder,
      decision: vote.decision,
      comment: vote.comment ?? null,
      channel: vote.channel,
      decided_at: vote.at,
    },
  ];
}
