import * as z from 'zod';
import { requestIdSchema } from './event-parts.ts';

const text = z.string();
/** Link of the audit's chain: SHA-256 in hex over the one before and this entry (run/audit.ts). Added when it is written. */
const chain = z.exactOptional(text);
const approvalKey = { approvalId: text, stage: text };

/** What happens at the gates before stages. */
export const approvalBodies = {
  'approval.requested': z.object({
    type: z.literal('approval.requested'),
    ...approvalKey,
    approvers: z.array(text),
    quorum: z.int().check(z.gte(1)),
    /** ISO 8601. */
    deadline: text,
    onTimeout: z.enum(['reject', 'approve']),
    preventSelfApproval: z.boolean(),
    requestedBy: text,
    /** What is approved: SHA-256 of the stage's definition and of its inputs, and the commit that is checked out. */
    subject: z.object({ definition: text, inputs: text, commit: z.nullable(text) }),
    /** For whoever decides: the stage's task or command with its variables filled in, masked. */
    summary: text,
    chain,
  }),
  'approval.notified': z.object({
    type: z.literal('approval.notified'),
    ...approvalKey,
    channel: text,
    status: z.enum(['queued', 'sent', 'failed']),
    detail: z.exactOptional(text),
    requestId: requestIdSchema,
    chain,
  }),
  'approval.voted': z.object({
    type: z.literal('approval.voted'),
    ...approvalKey,
    actor: text,
    decision: z.enum(['approved', 'rejected']),
    comment: z.exactOptional(text),
    /** Where it came from: `cli`, `api`, `dashboard`. */
    channel: text,
    requestId: requestIdSchema,
    chain,
  }),
  'approval.delegated': z.object({
    type: z.literal('approval.delegated'),
    ...approvalKey,
    from: text,
    to: text,
    /** The holder, or an admin. */
    actor: text,
    comment: z.exactOptional(text),
    channel: text,
    requestId: requestIdSchema,
    chain,
  }),
  'approval.closed': z.object({
    type: z.literal('approval.closed'),
    ...approvalKey,
    /** `void`: what was approved has changed, and is asked for again. */
    status: z.enum(['approved', 'rejected', 'timed_out', 'cancelled', 'void']),
    /** What a deadline that passed means. */
    action: z.exactOptional(z.enum(['reject', 'approve'])),
    reason: z.exactOptional(text),
    chain,
  }),
} as const;
