import type { RunEventBody } from '../run/event.ts';
import type { RunState } from '../run/state.ts';
import { forActiveStage } from './active-stage.ts';
import { atTheEnd, interrupted, workFailed } from './at-the-end.ts';
import { skip, stageState } from './build.ts';
import type { Decision } from './decision.ts';
import { forReadyStages, haltReason, pauseDue } from './ready-stages.ts';

/**
 * What shall happen now. Pure: the same state and time give the same decisions, so a decision can be made again by
 * whoever takes the run over. Looks at ready and active stages only, never at all of them.
 *
 * @param now milliseconds since the epoch
 */
export function decide(state: RunState, now: number): Decision[] {
  if (state.phase !== 'running' && state.phase !== 'waiting_approval') return [];
  if (state.workFailed !== undefined) return ending(state, () => workFailed(state));
  if (state.stopRequested !== undefined && !isTooLate(state, state.stopRequested)) {
    return ending(state, () => interrupted(state));
  }
  if (state.unfinished === 0) return atTheEnd(state);
  const decisions: Decision[] = [];
  for (const name of state.active) decisions.push(...forActiveStage(state, name, now));
  if (state.halted) {
    // One at a time: whoever waited for it is ready only after it.
    for (const name of first(state.ready)) decisions.push(skip(name, haltReason(state, name)));
    return stopsAlone(state, decisions);
  }
  const pause = pauseDue(state);
  if (pause === undefined) decisions.push(...forReadyStages(state, now));
  else if (state.active.size === 0) return [pause];
  return stopsAlone(state, decisions);
}

/** What is committed is done: an interruption that comes after it changes nothing any more. */
function isTooLate(state: RunState, code: string): boolean {
  return code !== 'USER_CANCELLED' && state.unfinished === 0 && state.closed?.outcome === 'committed';
}

function first(names: ReadonlySet<string>): string[] {
  for (const name of names) return [name];
  return [];
}

/** A stop is the last word: it waits until nothing is at work, and nothing new is begun meanwhile. */
function stopsAlone(state: RunState, decisions: Decision[]): Decision[] {
  const stop = decisions.find(
    (decision) => decision.do === 'record' && decision.event.type === 'run.stopped',
  );
  if (stop === undefined) return decisions;
  return isWorking(state) ? [] : [stop];
}

/** Nothing new is begun; once nothing is at work any more the last word is recorded. */
function ending(state: RunState, last: () => RunEventBody): Decision[] {
  return isWorking(state) ? [] : [{ do: 'record', event: last() }];
}

function isWorking(state: RunState): boolean {
  for (const name of state.active) {
    const stage = stageState(state, name);
    if (stage.frames[stage.cursor]?.attempts.at(-1)?.outcome === 'running') return true;
  }
  return false;
}
