import type { RunEventBody } from '../core/run/event.ts';
import { runningRollback } from '../core/run/rollback-events.ts';
import type { RunState } from '../core/run/state.ts';

const GONE = 'the process that drove the run was gone';

/**
 * What the next holder of a lease has to record first: what was in flight died with its owner. A wait for a service goes
 * on, and is told of once more, for whoever watches now.
 */
export function takeOverEvents(state: RunState): RunEventBody[] {
  const events: RunEventBody[] = [];
  for (const name of state.active) {
    for (const frame of state.stages.get(name)?.frames ?? []) {
      const last = frame.attempts.at(-1);
      if (frame.waiting !== undefined)
        events.push({ type: 'attempt.waiting', stage: name, frame: frame.index, ...frame.waiting });
      if (last?.outcome !== 'running') continue;
      events.push({
        type: 'attempt.abandoned',
        stage: name,
        frame: frame.index,
        attempt: last.number,
        reason: GONE,
        ownerLost: true,
      });
    }
  }
  const rollback = runningRollback(state);
  for (const step of rollback?.steps ?? []) {
    if (rollback === undefined || step.status !== 'running') continue;
    const at = { rollbackId: rollback.id, stage: step.stage };
    events.push({ type: 'rollback.step.finished', ...at, status: 'interrupted', message: GONE });
  }
  return events;
}
