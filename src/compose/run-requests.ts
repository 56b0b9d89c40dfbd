import type { RunEvent } from '../core/run/event.ts';
import type { Outside } from '../engine/drive.ts';
import type { HeldRun } from '../engine/ports.ts';

const REQUEST_POLL_MS = 1_000;

/** Hands requests of other processes to whoever drives the run; looked for once a second while it goes on. */
export function watchRequests(
  run: Pick<HeldRun, 'requests'>,
  deliver: (message: Outside) => void,
): () => void {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const request of run.requests()) {
      if (seen.has(request.id)) continue;
      seen.add(request.id);
      deliver({ kind: 'request', request });
    }
  }, REQUEST_POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A request whose answer is durable needs no file any more. */
export function settleAnswered(run: Pick<HeldRun, 'settle'>, events: readonly RunEvent[]): void {
  for (const event of events) {
    if ('requestId' in event && event.requestId !== undefined) run.settle(event.requestId);
  }
}
