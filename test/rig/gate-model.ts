import type { RunEvent } from '../../src/core/run/event.ts';

interface Gate {
  readonly stage: string;
  readonly quorum: number;
  readonly starter: string;
  readonly preventsSelf: boolean;
  /** Holder of each seat, and how it was voted. */
  readonly seats: { holder: string; vote?: 'approved' | 'rejected' }[];
  state: 'open' | 'granted' | 'refused' | 'gone';
}

/**
 * The rules of spec pipelines 6 over a journal, written down a second time without the program's own fold. Answers
 * with the first rule that is broken, in words.
 */
export function brokenGateRule(journal: readonly RunEvent[]): string | undefined {
  const gates = new Map<string, Gate>();
  const latest = new Map<string, Gate>();
  let gated = new Set<string>();
  for (const event of journal) {
    switch (event.type) {
      case 'run.created':
        gated = new Set(event.pipeline.stages.filter((stage) => stage.approval).map((stage) => stage.name));
        break;
      case 'approval.requested': {
        const before = latest.get(event.stage);
        if (before?.state === 'open') return `${event.stage} is asked for twice at a time`;
        const gate: Gate = {
          stage: event.stage,
          quorum: event.quorum,
          starter: event.requestedBy,
          preventsSelf: event.preventSelfApproval,
          seats: event.approvers.map((holder) => ({ holder })),
          state: 'open',
        };
        gates.set(event.approvalId, gate);
        latest.set(event.stage, gate);
        break;
      }
      case 'approval.voted': {
        const gate = gates.get(event.approvalId);
        const seats = gate?.seats.filter((entry) => entry.holder === event.actor) ?? [];
        if (gate?.state !== 'open') return `${event.actor} votes at a gate that is not open`;
        if (seats.length !== 1) return `${event.actor} votes with ${seats.length} seats`;
        if (seats[0]?.vote !== undefined) return `${event.actor} votes twice`;
        if (gate.preventsSelf && event.actor === gate.starter) return `${event.actor} approves their own run`;
        if (seats[0] !== undefined) seats[0].vote = event.decision;
        break;
      }
      case 'approval.delegated': {
        const gate = gates.get(event.approvalId);
        const seat = gate?.seats.find((entry) => entry.holder === event.from);
        if (gate?.state !== 'open' || seat === undefined || seat.vote !== undefined)
          return `${event.from} gives away a seat that is not theirs to give`;
        if (gate.seats.some((entry) => entry.holder === event.to)) return `${event.to} gets a second seat`;
        seat.holder = event.to;
        break;
      }
      case 'approval.closed': {
        const gate = gates.get(event.approvalId);
        if (gate === undefined) return 'a gate closes that was never open';
        if (event.status === 'void') {
          gate.state = 'gone';
          break;
        }
        if (gate.state !== 'open') return `the gate of ${gate.stage} closes twice`;
        const yes = gate.seats.filter((seat) => seat.vote === 'approved').length;
        const open = gate.seats.filter((seat) => seat.vote === undefined).length;
        if (event.status === 'approved' && yes < gate.quorum)
          return `the gate of ${gate.stage} is passed with ${yes} of ${gate.quorum} votes`;
        if (event.status === 'rejected' && yes + open >= gate.quorum)
          return `the gate of ${gate.stage} is rejected while its quorum can be reached`;
        if (event.status === 'timed_out') gate.state = event.action === 'approve' ? 'granted' : 'refused';
        else
          gate.state =
            event.status === 'approved' ? 'granted' : event.status === 'rejected' ? 'refused' : 'gone';
        break;
      }
      case 'stage.started':
        if (gated.has(event.stage) && latest.get(event.stage)?.state !== 'granted')
          return `${event.stage} begins while its gate is ${latest.get(event.stage)?.state ?? 'not asked for'}`;
        break;
      case 'segment.started':
        // A refused gate that is asked for again is a new one.
        break;
      case 'rollback.started': {
        const failed = journal.find(
          (other) =>
            other.type === 'stage.finished' && other.stage === event.failedStage && other.seq < event.seq,
        );
        const code = failed?.type === 'stage.finished' ? failed.code : undefined;
        if (
          event.cause === 'failure' &&
          code?.startsWith('APPROVAL_') === true &&
          isOnlyFailure(journal, event)
        )
          return `a refusal at ${event.failedStage} starts a rollback`;
        break;
      }
      default:
        break;
    }
  }
  return undefined;
}

/** The first target to which a run rolls back by itself more than once. */
export function repeatedRollback(journal: readonly RunEvent[]): string | undefined {
  const seen = new Set<string>();
  for (const event of journal) {
    if (event.type !== 'rollback.started' || event.cause !== 'failure') continue;
    if (seen.has(event.target)) return event.target;
    seen.add(event.target);
  }
  return undefined;
}

/** True if no other failure of the stage stands in the journal before the rollback. */
function isOnlyFailure(
  journal: readonly RunEvent[],
  rollback: Extract<RunEvent, { type: 'rollback.started' }>,
) {
  return (
    journal.filter(
      (event) =>
        event.type === 'stage.finished' &&
        event.stage === rollback.failedStage &&
        event.status === 'failed' &&
        event.seq < rollback.seq,
    ).length === 1
  );
}
