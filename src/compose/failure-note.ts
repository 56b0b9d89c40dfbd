import type { Problem } from '../core/problem.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import type { StageWork } from '../engine/drive.ts';
import type { HeldRun } from '../engine/ports.ts';
import { recordDiagnostic } from './diagnostics.ts';

/** Sees to it that nobody is told of a failure before its details are where readers are pointed at. */
export interface FailureNote {
  /** The work as it is; the exception behind a problem is remembered. */
  listeningTo(work: StageWork): StageWork;
  /** What may be told now; undefined for what made the run fail, until its details are kept. */
  holdBack(events: readonly RunEvent[]): readonly RunEvent[] | undefined;
  /** Keeps the details of a run that has failed, and tells what was held back. */
  note(publish: (events: readonly RunEvent[]) => void): Promise<void>;
}

export function createFailureNote(
  run: HeldRun,
  state: RunState,
  warn: (problem: Problem) => void,
): FailureNote {
  /** Of each stage the last event in which an agent told its version: the state does not keep it. */
  const versions = new Map<string, RunEvent>();
  const held: RunEvent[] = [];
  let isKept = false;
  let stackTrace: string | undefined;
  return {
    listeningTo: (work) => ({
      started: (order, at) => work.started(order, at),
      async perform(order, at, signal, report) {
        const result = await work.perform(order, at, signal, report);
        if (!result.ok) stackTrace = result.error.stack ?? stackTrace;
        return result;
      },
    }),
    holdBack(events) {
      for (const event of events)
        if (event.type === 'attempt.generated' && event.agentVersion !== undefined)
          versions.set(event.stage, event);
      held.push(...events);
      const isDue = state.phase === 'failed' && state.diagnostic === undefined && !isKept;
      return isDue ? undefined : held.splice(0);
    },
    async note(publish) {
      if (state.phase !== 'failed') return;
      const events = [...versions.values()];
      const trace = stackTrace === undefined ? {} : { stackTrace };
      const noted = await recordDiagnostic({ run, state, warn, events, ...trace });
      isKept = true;
      if (held.length + noted.length > 0) publish(noted);
    },
  };
}
