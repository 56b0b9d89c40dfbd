import type { Usage } from '../agent/event.ts';
import { count } from './counters.ts';
import type { RunState, StageState } from './state.ts';

/** All tokens of a usage, cached ones too. */
export function tokensOf({ input, output, cacheRead = 0, cacheWrite = 0 }: Usage): number {
  return input + output + cacheRead + cacheWrite;
}

/** Adds what an agent used. Without figures its cost is unknown, which is not the same as nothing. */
export function addUsage(state: RunState, stage: StageState, usage: Usage | undefined): void {
  if (usage?.costMicroUsd === undefined) count(state, stage, 'unknownCost', 1);
  else count(state, stage, 'costMicroUsd', usage.costMicroUsd);
  if (usage !== undefined) count(state, stage, 'tokens', tokensOf(usage));
}

/** The same for an attempt; a command that is not an agent costs nothing. */
export function addAttemptUsage(state: RunState, stage: StageState, usage: Usage | undefined): void {
  if (usage === undefined && state.definitions.get(stage.name)?.work.kind === 'command') return;
  addUsage(state, stage, usage);
}

/** The same for the check of an attempt. */
export function addAuditUsage(state: RunState, stage: StageState, usage: Usage | undefined): void {
  if (usage === undefined && state.definitions.get(stage.name)?.audit?.work.kind !== 'agent') return;
  addUsage(state, stage, usage);
}
