import { type Command, Option } from 'commander';
import type { FeatureOptions } from '../../compose/implement-feature.ts';
import { FEATURE_STAGES } from '../../core/feature/paths.ts';
import type { Limits } from '../../core/pipeline/definition.ts';
import { given, limitsOf, runnersOf, withLimitsAndOutput, withRunner } from './option-values.ts';
import { type ParsedStageOptions, stageOptionsOf } from './per-stage.ts';

/** What commander makes of the options shared by `implement-feature`, `resume` and `answer`. */
export interface ParsedFeatureOptions extends ParsedStageOptions {
  readonly runner?: readonly string[];
  readonly model?: string;
  readonly pauseAfter?: string;
  readonly withStories?: boolean;
  readonly skipStories?: boolean;
  readonly feedback: boolean;
  readonly validate: boolean;
  readonly history: boolean;
  readonly commit: boolean;
  readonly diffPreview: boolean;
  readonly interactive?: boolean;
  readonly yes?: boolean;
  readonly maxAttempts?: number;
  readonly limit?: Limits;
  readonly json?: boolean;
  readonly events?: boolean;
  readonly stateDir?: string;
}

/** Adds the options that a run can be given when it starts and each time it goes on. */
export function addRunOptions(command: Command): Command {
  const named = withRunner(command, ', or auto: by the recorded runs')
    .addOption(
      new Option('--pause-after <stage>', 'stop after this stage').choices(FEATURE_STAGES.slice(0, -1)),
    )
    .option('--no-feedback', 'agents do not rate what they receive')
    .option('--no-history', 'do not record the run')
    .option('--no-commit', 'leave the changes uncommitted')
    .option('--no-diff-preview', 'commit without showing the changes first')
    .option('--yes', 'take every yes/no question as yes');
  return withLimitsAndOutput(named);
}

/** `changed` tells which options were really given: a continued run keeps the rest as they were. */
export function featureOptions(parsed: ParsedFeatureOptions): FeatureOptions {
  const stories: FeatureOptions['stories'] =
    parsed.withStories === true ? 'yes' : parsed.skipStories === true ? 'no' : undefined;
  return {
    feedback: parsed.feedback,
    commit: parsed.commit,
    diffPreview: parsed.diffPreview,
    interactive: parsed.interactive === true,
    recordHistory: parsed.history,
    yes: parsed.yes === true,
    ...runnersOf(parsed.runner),
    ...given('model', parsed.model),
    ...given('pauseAfter', parsed.pauseAfter),
    ...(stories === undefined ? {} : { stories }),
    ...stageOptionsOf(parsed),
    limits: limitsOf(parsed),
  };
}

/** A feature's run that goes on keeps what it was told when it began. */
export const AS_BEFORE = {
  feedback: true,
  validate: true,
  history: true,
  commit: true,
  diffPreview: true,
} as const;
