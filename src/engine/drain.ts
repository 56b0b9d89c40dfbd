import { eventsForRequest } from '../core/decide/requests.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { HeldRun } from './ports.ts';
import { type Ledger, settle } from './settle.ts';

/** Nothing is begun: what is decided here is made durable, and the next owner does what follows from it. */
const NOTHING_BEGINS = { isTaken: () => true, any: false } as const;

/**
 * Answers every request that was left with a run while nobody drove it, and records what follows from the answers
 * alone, such as a gate that opens. Each request is settled once its answer is durable. Answers with what was added.
 */
export function drain(
  ledger: Omit<Ledger, 'onEvents' | 'started'> & { readonly run: HeldRun },
): Result<readonly RunEvent[]> {
  const added: RunEvent[] = [];
  const full: Ledger = {
    ...ledger,
    started: () => {
      throw new Error('nothing begins while requests are answered');
    },
    onEvents: (events) => added.push(...events),
  };
  for (const request of ledger.run.requests()) {
    const events = eventsForRequest(ledger.state, request, ledger.clock.now());
    const step = settle(full, events, NOTHING_BEGINS);
    if (!step.ok) return step;
    ledger.run.settle(request.id);
  }
  const step = settle(full, [], NOTHING_BEGINS);
  return step.ok ? ok(added) : step;
}
