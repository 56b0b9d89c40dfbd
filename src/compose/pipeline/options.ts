import type { CostConfig } from '../../core/config/cost-config.ts';
import type { Limits, Pipeline } from '../../core/pipeline/definition.ts';
import type { RunSettings } from '../../core/run/event.ts';
import { runnersAsked, withoutRunners } from '../feature/settings.ts';
import { type StageOptions, withStageOptions } from '../stage-options.ts';

/** What a person asked for on the command line; absent where nothing was said. */
export interface PipelineOptions extends StageOptions {
  readonly runner?: string;
  /** Who takes over where `runner` has no quota or cannot be reached, in this order. */
  readonly fallbackRunners?: readonly string[];
  readonly model?: string;
  readonly maxParallel?: number;
  readonly stageTimeoutMs?: number;
  readonly limits?: Limits;
}

/** Settings of a new run; limits that nobody gave come from the configuration. */
export function settingsOf(options: PipelineOptions, costs: CostConfig): RunSettings {
  const { maxCostUsd, maxTokens } = costs;
  return withOptions(
    {
      feedback: false,
      commit: false,
      diffPreview: false,
      interactive: false,
      recordHistory: true,
      yes: false,
      limits: {
        ...(maxCostUsd === null ? {} : { maxCostMicroUsd: Math.round(maxCostUsd * 1e6) }),
        ...(maxTokens === null ? {} : { maxTokens }),
      },
    },
    options,
  );
}

/** Settings of a continued run: what is said now counts, the rest stays as it was. */
export function withOptions(before: RunSettings, options: PipelineOptions): RunSettings {
  const { runner, model, stageTimeoutMs, limits } = options;
  return {
    ...(runner === undefined ? before : withoutRunners(before)),
    ...runnersAsked(options),
    ...(model === undefined ? {} : { model }),
    ...(stageTimeoutMs === undefined ? {} : { stageTimeoutMs }),
    ...withStageOptions(before, options),
    limits: { ...before.limits, ...limits },
  };
}

/** The definition as this run executes it: a run's own snapshot. */
export function snapshotOf(pipeline: Pipeline, options: PipelineOptions): Pipeline {
  return options.maxParallel === undefined ? pipeline : { ...pipeline, maxParallel: options.maxParallel };
}
