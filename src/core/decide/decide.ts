import type { RunEventBody } from '../run/event.ts';
import { runningRollback } from '../run/rollback-events.ts';
import type { RunState } from '../run/state.ts';
import { forActiveStage } from './active-stage.ts';
import { atTheEnd, interrupted, isCancel, workFailed } from './at-the-end.ts';
import { skip, stageState } from './build.ts';
import type { Decision } from './decision.ts';
import { closeGates, forGates } from './gates.ts';
import { endsWork } from './limits.ts';
import { forReadyStages, haltReason, pauseDue } from './ready-stages.ts';
import { afterRollback, forRollback } from './undo.ts';

/**
 * What shall happen now. Pure: the same state and time give the same decisions, so a decision can be made again by
 * whoever takes the run over. Looks at ready, gated and active stages only, never at all of them.
 *
 * @param now milliseconds since the epoch
 */
export function decide(state: RunState, now: number): Decision[] {
  if (state.phase !== 'running' && state.phase !== 'waiting_approval') return [];
  if (state.workFailed !== undefined) return isWorking(state) ? [] : workFailed(state);
  if (state.stopRequested !== undefined && !isTooLate(state, state.stopRequested)) {
    // Nothing new is begun; once nothing is at work any more the last word is recorded.
    return isWorking(state) ? [] : interrupted(state);
  }
  const rollback = runningRollback(state);
  if (rollback !== undefined)
    return first(closeGates(state, 'the run is rolled back')) ?? forRollback(rollback);
  const rolledBack = afterRollback(state);
  if (rolledBack !== undefined) return [{ do: 'record', event: rolledBack }];
  if (state.unfinished === 0) return atTheEnd(state);
  const decisions: Decision[] = [];
  for (const name of state.active) decisions.push(...forActiveStage(state, name, now));
  if (state.halted) {
    decisions.push(...closeGates(state, `the run was halted by ${state.failedStage ?? 'a failed stage'}`));
    // One at a time: whoever waited for it is ready only after it.
    for (const name of state.ready) {
      decisions.push(skip(name, haltReason(state, name)));
      break;
    }
    return stopsAlone(state, decisions);
  }
  decisions.push(...forGates(state, now));
  const pause = pauseDue(state);
  if (pause === undefined) decisions.push(...forReadyStages(state, now));
  else if (state.active.size === 0) return [pause];
  return stopsAlone(state, decisions);
}

/** What is committed is done: an interruption that comes after it changes nothing any more. */
function isTooLate(state: RunState, code: string): boolean {
  return !isCancel(code) && state.unfinished === 0 && state.closed?.outcome === 'committed';
}

function first(decisions: readonly Decision[]): Decision[] | undefined {
  const [one] = decisions;
  return one === undefined ? undefined : [one];
}

/** A stop is the last word: it waits until nothing is at work, and nothing new is begun meanwhile. */
function stopsAlone(state: RunState, decisions: Decision[]): Decision[] {
  const stop = decisions.find(isStop);
  if (stop === undefined) return decisions;
  if (!isWorking(state)) return [stop];
  return endsWork(stop.event.code) ? [{ do: 'interrupt' }] : [];
}

function isStop(decision: Decision): decision is Stop {
  return decision.do === 'record' && decision.event.type === 'run.stopped';
}

interface Stop {
  readonly do: 'record';
  readonly event: Extract<RunEventBody, { type: 'run.stopped' }>;
}

function isWorking(state: RunState): boolean {
  for (const name of state.active) {
    const stage = stageState(state, name);
    for (const index of stage.open)
      if (stage.frames[index]?.attempts.at(-1)?.outcome === 'running') return true;
  }
  return runningRollback(state)?.steps.some((step) => step.status === 'running') ?? false;
}
