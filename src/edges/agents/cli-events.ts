import { errorReason } from '../../core/agent/error-reason.ts';
import type { AgentErrorReason, AgentEvent } from '../../core/agent/event.ts';
import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';

/** Longest pause of an agent's own before it asks its service again, in ms; a longer one is for us to make, where all see it. */
const LONGEST_OWN_PAUSE_MS = 60_000;

/** What the events of a session tell that its outcome has to tell as well. */
export interface EventRecord {
  readonly note: (event: AgentEvent) => void;
  /** Session, model, version and last text. */
  readonly facts: () => Pick<AgentOutcome, 'sessionId' | 'model' | 'agentVersion' | 'text'>;
  /** Why it has to be ended: its service shut it out, and it would sit out a long time by itself. */
  readonly shutOut: () => { readonly reason: AgentErrorReason; readonly message: string } | undefined;
  /** When the service answers again, ISO 8601, for an outcome that comes of its limits or of an overload. */
  readonly retryAt: (outcome: AgentOutcome['outcome']) => Pick<AgentOutcome, 'retryAt'>;
}

/** `now`: ms since the epoch. */
export function recordEvents(order: Pick<AgentOrder, 'sessionId'>, now: () => number): EventRecord {
  let facts: ReturnType<EventRecord['facts']> =
    order.sessionId === undefined ? {} : { sessionId: order.sessionId };
  let shutOut: ReturnType<EventRecord['shutOut']>;
  let retryAt: number | undefined;
  return {
    note(event) {
      if (event.type === 'started') {
        const { type: _, ...told } = event;
        facts = { ...facts, ...told };
      } else if ((event.type === 'message' || event.type === 'result') && event.text) {
        facts = { ...facts, text: event.text };
      } else if (event.type === 'retry' && event.delayMs !== undefined) {
        retryAt = now() + event.delayMs;
        if (event.delayMs > LONGEST_OWN_PAUSE_MS) shutOut = pausing(event.status, event.message ?? '');
      } else if (event.type === 'error') {
        const told =
          event.retryAt ?? (event.retryAfterMs === undefined ? undefined : now() + event.retryAfterMs);
        retryAt = told ?? retryAt;
      }
    },
    facts: () => facts,
    shutOut: () => shutOut,
    retryAt(outcome) {
      const isWaiting = outcome === 'quota' || outcome === 'overloaded' || outcome === 'unavailable';
      return isWaiting && retryAt !== undefined && retryAt > now() && retryAt < LAST_DATE
        ? { retryAt: new Date(retryAt).toISOString() }
        : {};
    },
  };
}

/** The last moment that a Date can hold. */
const LAST_DATE = 8.64e15;

/** Without a status it is a limit: no agent pauses for so long unless its service told it to. */
function pausing(status: number | undefined, message: string) {
  const reason = errorReason(status, message);
  const isGuess = status === undefined && (reason === 'agent' || reason === 'unavailable');
  return { reason: isGuess ? ('quota' as const) : reason, message };
}
