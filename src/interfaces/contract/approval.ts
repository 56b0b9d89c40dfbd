import * as z from 'zod';

/** ISO 8601, UTC. */
const instant = z.string();

export const approvalStatusContract = z.enum([
  'pending',
  'approved',
  'rejected',
  'timed_out',
  'cancelled',
  'void',
]);

/** A row of `approval_decisions`. */
export const approvalDecisionContract = z.strictObject({
  /** `<approval id>/<seat>`: a seat has one vote. */
  id: z.string(),
  approval_id: z.string(),
  actor: z.string(),
  decision: z.enum(['approved', 'rejected']),
  comment: z.nullable(z.string()),
  /** Where it came from: `cli`, `api`, `dashboard`. */
  channel: z.string(),
  decided_at: instant,
});

/** The right to one vote. */
export const approvalSeatContract = z.strictObject({
  /** Who was named in the definition. */
  approver: z.string(),
  /** Who may vote now: another one after a delegation. */
  holder: z.string(),
  decision: z.nullable(z.enum(['approved', 'rejected'])),
});

/** A row of `approvals`. */
export const approvalContract = z.strictObject({
  id: z.string(),
  run_id: z.string(),
  pipeline: z.string(),
  stage_name: z.string(),
  status: approvalStatusContract,
  requested_at: instant,
  requested_by: z.string(),
  deadline: instant,
  /** What the deadline means if it passes. */
  default_action: z.enum(['reject', 'approve']),
  /** What it meant when it passed. */
  action: z.nullable(z.enum(['reject', 'approve'])),
  /** Votes needed. */
  quorum: z.int(),
  prevent_self_approval: z.boolean(),
  /** What is to be done once it is approved. */
  summary: z.string(),
  /** What was approved: SHA-256 of the stage's definition and inputs, and the commit. */
  subject: z.strictObject({
    definition: z.string(),
    inputs: z.string(),
    commit: z.nullable(z.string()),
  }),
  seats: z.array(approvalSeatContract),
  decisions: z.array(approvalDecisionContract),
  /** By channel. */
  notifications: z.record(z.string(), z.enum(['queued', 'sent', 'failed'])),
  reason: z.nullable(z.string()),
  completed_at: z.nullable(instant),
});
export type ApprovalRecord = z.output<typeof approvalContract>;

/** `approval list --json`. */
export const approvalListContract = z.strictObject({ approvals: z.array(approvalContract) });

/** One link of the audit's chain. */
export const auditEntryContract = z.strictObject({
  seq: z.int(),
  at: instant,
  approval_id: z.string(),
  stage_name: z.string(),
  event: z.enum([
    'requested',
    'notified',
    'approved',
    'rejected',
    'delegated',
    'timed_out',
    'cancelled',
    'void',
    'closed',
  ]),
  actor: z.nullable(z.string()),
  channel: z.nullable(z.string()),
  comment: z.nullable(z.string()),
  /** SHA-256 in hex over the link before and this entry. */
  chain: z.string(),
});
export type AuditEntryRecord = z.output<typeof auditEntryContract>;

/** `approval show --json`. */
export const approvalDetailsContract = z.strictObject({
  approval: approvalContract,
  audit: z.array(auditEntryContract),
});
export type ApprovalDetailsDocument = z.output<typeof approvalDetailsContract>;

/** `approval verify --json`. */
export const auditVerificationContract = z.strictObject({
  intact: z.boolean(),
  entries: z.int(),
  /** Head of the chain, as it also stands in notifications and in the history. */
  head: z.string(),
  /** Number of the first event that does not fit. */
  broken_at: z.nullable(z.int()),
  message: z.nullable(z.string()),
});
export type AuditVerificationDocument = z.output<typeof auditVerificationContract>;
