import type { AgentRole } from '../core/agent-role.ts';
import { type CostConfig, estimateCostMicroUsd, priceOf } from '../core/config/cost-config.ts';
import { effectiveLimits, effectiveStageLimits } from '../core/decide/limits.ts';
import type { Job, Stage } from '../core/pipeline/definition.ts';
import type { RunState } from '../core/run/state.ts';
import type { AgentOutcome } from './ports.ts';

/** The role of an agent's work. They are loaded before anything starts, so a missing one is a bug. */
export function roleOf(world: { readonly roles: ReadonlyMap<string, AgentRole> }, work: Job): AgentRole {
  const role = work.kind === 'agent' ? world.roles.get(work.agent) : undefined;
  if (role === undefined)
    throw new Error(`no role was loaded for ${work.kind === 'agent' ? work.agent : work.run}`);
  return role;
}

export function runnerNameOf(
  world: { readonly defaultRunner: string },
  state: RunState,
  role: AgentRole,
): string {
  return state.settings.runner ?? role.runner ?? world.defaultRunner;
}

function modelOf(state: RunState, work: Job, role: AgentRole): string | undefined {
  return state.settings.model ?? (work.kind === 'agent' ? work.model : undefined) ?? role.model;
}

/**
 * The model of a stage where `--model auto` may have chosen one: the choice holds for the runner it was made for, and
 * gives way to a model that is asked for by name.
 */
export function stageModelOf(
  world: { readonly defaultRunner: string },
  state: RunState,
  stage: Pick<Stage, 'name' | 'work'>,
  role: AgentRole,
): string | undefined {
  const { model, modelChoices = [] } = state.settings;
  const runner = runnerNameOf(world, state, role);
  const chosen = modelChoices.find((one) => one.stage === stage.name && one.runner === runner)?.model;
  return model ?? chosen ?? modelOf(state, stage.work, role);
}

/** Adds the cost by the configured prices where the agent did not report one. Without a price it stays unknown. */
export function priced(
  world: { readonly costs: CostConfig },
  outcome: AgentOutcome,
  asked: string | undefined,
): AgentOutcome {
  const model = outcome.model ?? asked;
  if (outcome.usage === undefined || outcome.usage.costMicroUsd !== undefined || model === undefined)
    return outcome;
  const price = priceOf(world.costs, model);
  if (price === undefined) return outcome;
  return {
    ...outcome,
    usage: { ...outcome.usage, costMicroUsd: estimateCostMicroUsd(outcome.usage, price) },
  };
}

/** What may still be spent in micro-USD, by the run's limit and by the stage's own; undefined without either. */
export function remainingBudget(state: RunState, stage: string): number | undefined {
  const run = effectiveLimits(state).maxCostMicroUsd;
  const own = effectiveStageLimits(state, stage)?.maxCostMicroUsd;
  if (run === undefined && own === undefined) return undefined;
  const spent = state.stages.get(stage)?.metrics.costMicroUsd ?? 0;
  return Math.max(
    0,
    Math.min(
      (run ?? Number.POSITIVE_INFINITY) - state.metrics.costMicroUsd,
      (own ?? Number.POSITIVE_INFINITY) - spent,
    ),
  );
}

/** An object with the key, or without it where the value is undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
