import type { Usage } from '../agent/event.ts';
import type { RunState } from './state.ts';

/** Adds what an agent used. Without figures its cost is unknown, which is not the same as nothing. */
export function addUsage(state: RunState, usage: Usage | undefined): void {
  if (usage?.costMicroUsd === undefined) state.metrics.unknownCost += 1;
  else state.metrics.costMicroUsd += usage.costMicroUsd;
  if (usage === undefined) return;
  state.metrics.tokens += usage.input + usage.output + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
}

/** The same for an attempt; a command that is not an agent costs nothing. */
export function addAttemptUsage(state: RunState, stage: string, usage: Usage | undefined): void {
  if (usage === undefined && state.definitions.get(stage)?.work.kind === 'command') return;
  addUsage(state, usage);
}
