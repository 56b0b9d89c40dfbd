import type { CostConfig } from '../../core/config/cost-config.ts';
import type { FeedbackConfig } from '../../core/config/feedback-config.ts';
import type { Limits } from '../../core/pipeline/definition.ts';
import type { RunSettings } from '../../core/run/event.ts';
import { type StageOptions, withStageOptions } from '../stage-options.ts';

/** What a person asked for on the command line; absent where nothing was said. */
export interface FeatureOptions extends StageOptions {
  readonly runner?: string;
  /** Who takes over where `runner` has no quota or cannot be reached, in this order. */
  readonly fallbackRunners?: readonly string[];
  readonly model?: string;
  /** Set where `--model auto` was asked for. */
  readonly modelChoices?: RunSettings['modelChoices'];
  readonly pauseAfter?: string;
  readonly stories?: 'yes' | 'no';
  readonly feedback: boolean;
  readonly commit: boolean;
  readonly diffPreview: boolean;
  readonly interactive: boolean;
  readonly recordHistory: boolean;
  readonly yes: boolean;
  readonly stageTimeoutMs?: number;
  readonly limits?: Limits;
}

/** Settings of a new run; limits that nobody gave come from the configuration. */
export function settingsFrom(
  options: FeatureOptions,
  costs: CostConfig,
  feedback: FeedbackConfig,
): RunSettings {
  const { maxCostUsd, maxTokens } = costs;
  return {
    feedback: options.feedback && feedback.enabled,
    commit: options.commit,
    diffPreview: options.diffPreview,
    interactive: options.interactive,
    recordHistory: options.recordHistory,
    yes: options.yes,
    ...runnersAsked(options),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.modelChoices === undefined ? {} : { modelChoices: options.modelChoices }),
    ...(options.pauseAfter === undefined ? {} : { pauseAfter: options.pauseAfter }),
    ...(options.stageTimeoutMs === undefined ? {} : { stageTimeoutMs: options.stageTimeoutMs }),
    ...withStageOptions({}, options),
    limits: {
      ...(maxCostUsd === null ? {} : { maxCostMicroUsd: Math.round(maxCostUsd * 1e6) }),
      ...(maxTokens === null ? {} : { maxTokens }),
      ...options.limits,
    },
  };
}

/**
 * Settings of a continued run: what is said now counts, the rest stays as it was, so that a run begun with
 * `--no-commit` does not commit when it goes on. A pause counts until it was reached.
 */
export function settingsForResume(
  before: RunSettings,
  options: Partial<FeatureOptions>,
  pauseReached: boolean,
): RunSettings {
  const { pauseAfter: asked, modelChoices, ...rest } = before;
  const kept = options.runner === undefined ? rest : withoutRunners(rest);
  const pauseAfter = options.pauseAfter ?? (pauseReached ? undefined : asked);
  return {
    ...kept,
    // A model that is asked for by name takes the place of what was chosen.
    ...(modelChoices === undefined || options.model !== undefined ? {} : { modelChoices }),
    ...runnersAsked(options),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
    ...(options.stageTimeoutMs === undefined ? {} : { stageTimeoutMs: options.stageTimeoutMs }),
    ...(options.feedback === false ? { feedback: false } : {}),
    ...(options.commit === false ? { commit: false } : {}),
    ...(options.diffPreview === false ? { diffPreview: false } : {}),
    ...(options.interactive === true ? { interactive: true } : {}),
    ...(options.recordHistory === false ? { recordHistory: false } : {}),
    ...(options.yes === true ? { yes: true } : {}),
    ...withStageOptions(before, options),
    limits: { ...before.limits, ...options.limits },
  };
}

/** The runners that were named, the first one apart. */
export function runnersAsked({
  runner,
  fallbackRunners = [],
}: Pick<FeatureOptions, 'runner' | 'fallbackRunners'>): Pick<RunSettings, 'runner' | 'fallbackRunners'> {
  if (runner === undefined) return {};
  return fallbackRunners.length === 0 ? { runner } : { runner, fallbackRunners: [...fallbackRunners] };
}

/** Who is named now takes the place of all that were named before. */
export function withoutRunners<S extends Pick<RunSettings, 'runner' | 'fallbackRunners'>>(
  settings: S,
): Omit<S, 'runner' | 'fallbackRunners'> {
  const { runner: _runner, fallbackRunners: _fallbacks, ...rest } = settings;
  return rest;
}
