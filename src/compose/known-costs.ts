import type { AgentRole } from '../core/agent-role.ts';
import { type CostConfig, priceOf, setPriceCommand } from '../core/config/cost-config.ts';
import type { Pipeline, Stage } from '../core/pipeline/definition.ts';
import type { Problem } from '../core/problem.ts';
import type { RunSettings } from '../core/run/event.ts';
import { runnersOf, stageModelOf } from '../engine/agent-choice.ts';
import { DEFAULT_RUNNER, tellsCost } from './runners.ts';

export interface CostQuestion {
  readonly pipeline: Pick<Pipeline, 'stages' | 'limits'>;
  readonly settings: RunSettings;
  readonly roles: ReadonlyMap<string, AgentRole>;
  readonly costs: CostConfig;
}

/**
 * Why a limit on the cost could not be kept, before anything is spent: an agent that does not tell its cost, with a
 * model that has no price (complaint 33). Undefined where it can be, or where there is none. Runners that would only
 * take over are held to it as well.
 */
export function unknownCost({ pipeline, settings, roles, costs }: CostQuestion): Problem | undefined {
  const world = { defaultRunner: DEFAULT_RUNNER };
  const state = { settings };
  for (const stage of pipeline.stages) {
    if (!isCostLimited(pipeline, settings, stage)) continue;
    for (const work of [stage.work, stage.audit?.work, stage.rollback?.work]) {
      if (work?.kind !== 'agent') continue;
      const role = roles.get(work.agent);
      if (role === undefined) continue;
      for (const runner of runnersOf(world, state, role)) {
        if (tellsCost(runner)) continue;
        const model = stageModelOf(world, state, { name: stage.name, work }, role, runner);
        const problem = withoutPrice(runner, model, costs);
        if (problem !== undefined) return problem;
      }
    }
  }
  return undefined;
}

function isCostLimited({ limits }: CostQuestion['pipeline'], settings: RunSettings, stage: Stage): boolean {
  const ofStage = Object.hasOwn(settings.stageLimits ?? {}, stage.name)
    ? settings.stageLimits?.[stage.name]
    : undefined;
  return [limits, settings.limits, stage.limits, ofStage].some((one) => one?.maxCostMicroUsd !== undefined);
}

function withoutPrice(runner: string, model: string | undefined, costs: CostConfig): Problem | undefined {
  const code = 'cost-unknown';
  const untold = `${runner} does not tell what it costs`;
  const instead = 'limit it with --max-tokens, --max-attempts or --stage-timeout';
  // It tells no tokens either.
  if (runner.startsWith('command:'))
    return {
      code,
      message: `${untold}, so a limit on the cost could not be kept`,
      hint: `${instead} instead`,
    };
  if (model === undefined)
    return {
      code,
      message: `${untold}, and its own default model has no price, so a limit on the cost could not be kept`,
      hint: `name the model with --model and give it a price: ${setPriceCommand('<model>')}; or ${instead}`,
    };
  if (priceOf(costs, model) !== undefined) return undefined;
  return {
    code,
    message: `${untold}, and ${model} has no price, so a limit on the cost could not be kept`,
    hint: `give it one: ${setPriceCommand(model)}; or ${instead}`,
  };
}
