import type { Usage } from '../agent/event.ts';
import { count } from './counters.ts';
import type { AttemptState, RunState, StageState } from './state.ts';

/** All tokens of a usage, cached ones too. */
export function tokensOf({ input, output, cacheRead = 0, cacheWrite = 0 }: Usage): number {
  return input + output + cacheRead + cacheWrite;
}

/** The runner that uses nothing that costs. */
const FREE = 'offline';

/** Adds what an agent used. Without figures its cost is unknown, which is not the same as nothing. */
export function addUsage(
  state: RunState,
  stage: StageState,
  usage: Usage | undefined,
  runner: string | undefined = state.settings.runner,
): void {
  if (usage === undefined && runner === FREE) return;
  if (usage?.costMicroUsd === undefined) count(state, stage, 'unknownCost', 1);
  else count(state, stage, 'costMicroUsd', usage.costMicroUsd);
  if (usage !== undefined) count(state, stage, 'tokens', tokensOf(usage));
}

/** The same for an attempt; a command that is not an agent costs nothing. */
export function addAttemptUsage(
  state: RunState,
  stage: StageState,
  { usage, runner }: Pick<AttemptState, 'usage' | 'runner'>,
): void {
  if (usage === undefined && state.definitions.get(stage.name)?.work.kind === 'command') return;
  addUsage(state, stage, usage, runner);
}

/** The same for the check of an attempt. */
export function addAuditUsage(state: RunState, stage: StageState, usage: Usage | undefined): void {
  if (usage === undefined && state.definitions.get(stage.name)?.audit?.work.kind !== 'agent') return;
  addUsage(state, stage, usage);
}
