import { isFeatureStage } from '../feature/paths.ts';
import { chooseStrategy } from '../feature/retry.ts';
import type { RunState } from '../run/state.ts';

/**
 * How the next attempt differs from the last. `failures` counts the ones of this kind so far, from one. Stages that
 * are not of the feature pipeline try the same again.
 */
export function nextStrategy(
  state: RunState,
  stage: string,
  code: string,
  failures: number,
): { readonly strategy?: string; readonly strategyReason?: string } {
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
