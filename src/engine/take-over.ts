import type { RunEventBody } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';

/** What the next holder of a lease has to record first: attempts that were in flight died with their owner. */
export function takeOverEvents(state: RunState): RunEventBody[] {
  const events: RunEventBody[] = [];
  for (const name of state.active) {
    for (const frame of state.stages.get(name)?.frames ?? []) {
      const last = frame.attempts.at(-1);
      if (last?.outcome !== 'running') continue;
      events.push({
        type: 'attempt.abandoned',
        stage: name,
        frame: frame.index,
        attempt: last.number,
        reason: 'the process that drove the run was gone',
      });
    }
  }
  return events;
}
