import { canonicalJson } from '../canonical-json.ts';
import type { RunEvent, RunEventBody } from './event.ts';

/** SHA-256 of a text, in hex: an input, because the core has no cryptography. */
export type Digest = (text: string) => string;

type ApprovalEventType =
  | 'approval.requested'
  | 'approval.notified'
  | 'approval.voted'
  | 'approval.delegated'
  | 'approval.closed';

/** What happened around approvals, as it stands in a run's journal. */
export type ApprovalEvent = Extract<RunEvent, { type: ApprovalEventType }>;

export function isApprovalEvent(event: RunEvent): event is ApprovalEvent {
  return event.type.startsWith('approval.');
}

/**
 * Adds the link of the audit's chain to what is about to be written about an approval: a digest over the link before
 * and this entry with its time. Other events stay as they are.
 */
export function sealed(body: RunEventBody, head: string, at: string, digest: Digest): RunEventBody {
  switch (body.type) {
    case 'approval.requested':
    case 'approval.notified':
    case 'approval.voted':
    case 'approval.delegated':
    case 'approval.closed':
      return { ...body, chain: linkOf(body, head, at, digest) };
    default:
      return body;
  }
}

/** Where a chain does not hold; undefined when it does. */
export interface AuditBreak {
  /** Number of the event in the journal. */
  readonly seq: number;
  readonly message: string;
}

/**
 * Checks the chain over all approval events of a journal. It shows edited, removed, moved and added entries; a chain
 * that somebody wrote anew as a whole is told only by a head that was kept elsewhere (`knownHeads`, any order: each
 * must be a link of this chain).
 */
export function auditBreak(
  events: readonly RunEvent[],
  digest: Digest,
  knownHeads: readonly string[] = [],
): AuditBreak | undefined {
  let head = '';
  const links = new Set<string>();
  for (const event of events) {
    if (!isApprovalEvent(event)) continue;
    if (event.chain !== linkOf(event, head, event.at, digest)) {
      return {
        seq: event.seq,
        message: `entry ${event.seq} (${event.type}) does not follow from the one before it`,
      };
    }
    head = event.chain ?? '';
    links.add(head);
  }
  const missing = knownHeads.find((known) => !links.has(known));
  if (missing === undefined) return undefined;
  const seq = events.at(-1)?.seq ?? 0;
  return {
    seq,
    message: `a head that was recorded elsewhere (${missing.slice(0, 12)}…) is no part of this chain`,
  };
}

/** The envelope apart from the time says where an entry stands, which the chain itself says better. */
function linkOf(body: RunEventBody, head: string, at: string, digest: Digest): string {
  const {
    v: _v,
    seq: _seq,
    epoch: _epoch,
    at: _at,
    runId: _runId,
    chain: _chain,
    ...rest
  } = {
    v: 0,
    seq: 0,
    epoch: 0,
    at: '',
    runId: '',
    chain: '',
    ...body,
  };
  return digest(`${head}\n${at}\n${canonicalJson(rest)}`);
}
