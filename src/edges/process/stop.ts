import { signalProcess } from './signal-process.ts';

/**
 * One rung of a stop ladder: a signal, or a request in the child's own protocol (false: there is nothing to ask it
 * for), and how long the child may take to end before the next.
 */
export type StopStep =
  | { readonly signal: NodeJS.Signals; readonly to: 'process' | 'group'; readonly waitMs: number }
  | { readonly ask: () => boolean; readonly waitMs: number };

/** Asks a plain command to end and gives it time to tidy up. SIGKILL follows every ladder. */
export const COMMAND_STOP: readonly StopStep[] = [{ signal: 'SIGTERM', to: 'group', waitMs: 5_000 }];

export interface Stop {
  /** Begins the ladder; later calls change nothing. */
  readonly begin: () => void;
  /** Leaves out the rest of the ladder. */
  readonly killNow: () => void;
  /** To be called when the child has ended. */
  readonly ended: () => void;
}

/** Ends a child that leads its own group, politely first. */
export function createStop(leader: number, ladder: readonly StopStep[]): Stop {
  let timer: NodeJS.Timeout | undefined;
  let begun = false;
  let over = false;

  function rung(index: number): void {
    const step = ladder[index];
    if (step === undefined) {
      signalProcess(-leader, 'SIGKILL');
      return;
    }
    if ('ask' in step) {
      if (!step.ask()) {
        rung(index + 1);
        return;
      }
    } else signalProcess(step.to === 'group' ? -leader : leader, step.signal);
    timer = setTimeout(() => rung(index + 1), step.waitMs);
  }

  return {
    begin() {
      if (begun || over) return;
      begun = true;
      rung(0);
    },
    killNow() {
      if (over) return;
      begun = true;
      clearTimeout(timer);
      signalProcess(-leader, 'SIGKILL');
    },
    ended() {
      over = true;
      clearTimeout(timer);
    },
  };
}
