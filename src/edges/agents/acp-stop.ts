import type { StopStep } from '../process/stop.ts';

export interface AcpEnder {
  /** Aborted when the user stops the attempt, or when the agent does not end by itself in time. */
  readonly signal: AbortSignal;
  /** From now on it has this long to end, in ms. */
  readonly endWithin: (milliseconds: number) => void;
  readonly ladder: (cancel: () => boolean) => readonly StopStep[];
  /** The process tree is gone. */
  readonly done: () => void;
}

/**
 * Ends an agent that would otherwise wait for our next request for ever. A turn is cancelled by the protocol first:
 * then agents end their tools themselves.
 */
export function createAcpEnder(user: AbortSignal): AcpEnder {
  const inner = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isDone = false;
  const onAbort = () => inner.abort();
  user.addEventListener('abort', onAbort);
  if (user.aborted) inner.abort();
  return {
    signal: inner.signal,
    endWithin(milliseconds) {
      clearTimeout(timer);
      // Nobody is there to be ended, and the program would wait for the timer.
      if (!isDone) timer = setTimeout(() => inner.abort(), milliseconds);
    },
    ladder: (cancel) => [
      { ask: cancel, waitMs: 5_000 },
      { signal: 'SIGTERM', to: 'group', waitMs: 3_000 },
    ],
    done() {
      isDone = true;
      clearTimeout(timer);
      user.removeEventListener('abort', onAbort);
    },
  };
}
