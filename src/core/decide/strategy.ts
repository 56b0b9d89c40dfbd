import { isFeatureStage } from '../feature/paths.ts';
import { chooseStrategy } from '../feature/retry.ts';
import type { RunState } from '../run/state.ts';

/**
 * How the next attempt differs from the last. `failures` counts the ones of this kind so far, `attempts` all that this
 * segment made, both from one. A stage that names no strategies tries the same again, but for those of the feature pipeline.
 */
export function nextStrategy(
  state: RunState,
  stage: string,
  code: string,
  { failures, attempts }: { readonly failures: number; readonly attempts: number },
): { readonly strategy?: string; readonly strategyReason?: string } {
  const named = state.definitions.get(stage)?.retry?.strategies;
  const own = named?.[Math.min(attempts, named.length) - 1];
  if (own !== undefined) return { strategy: own.name };
  if (state.created.feature === undefined || !isFeatureStage(stage)) return {};
  const failureRate = state.created.failureRates[stage];
  const choice = chooseStrategy({
    stage,
    attempt: failures + 1,
    code,
    issues: state.stages.get(stage)?.received?.issues ?? [],
    config: state.created.retry,
    ...(failureRate === undefined ? {} : { failureRate }),
  });
  return { strategy: choice.strategy, strategyReason: choice.reason };
}
