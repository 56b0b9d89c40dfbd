import type { RetryConfig, RetryStrategy } from '../config/retry-config.ts';
import type { FeatureStage } from './paths.ts';

export interface RetryInput {
  readonly stage: FeatureStage;
  /** The attempt that is about to start, from two. */
  readonly attempt: number;
  /** Reason code of the attempt that failed, e.g. `OUTPUT_INVALID`, or the agent's own reason, e.g. `turn-limit`. */
  readonly code: string;
  /** Share of failures of this stage in recent history, 0 to 1; undefined when there is no history. */
  readonly failureRate?: number;
  /** Issues that feedback named. */
  readonly issues: readonly string[];
  readonly config: RetryConfig;
}

export interface RetryChoice {
  readonly strategy: RetryStrategy;
  /** Why, for the record. */
  readonly reason: string;
}

/** Failures that ask for less at once: the agent ran out of room, of turns or of time. */
const TOO_MUCH: Readonly<Record<string, RetryStrategy>> = {
  context: 'simplify-prompt',
  'turn-limit': 'incremental',
  'output-limit': 'incremental',
  timeout: 'incremental',
  stalled: 'simplify-prompt',
  STAGE_TIMEOUT: 'incremental',
};

/** How the next attempt differs: by the kind of failure, then by named issues, then by history, then by the configured order. */
export function chooseStrategy(input: RetryInput): RetryChoice {
  return byFailure(input) ?? byIssue(input) ?? byHistory(input) ?? byOrder(input);
}

function byFailure({ code }: RetryInput): RetryChoice | undefined {
  const strategy = Object.hasOwn(TOO_MUCH, code) ? TOO_MUCH[code] : undefined;
  return strategy === undefined ? undefined : { strategy, reason: `the last attempt ended with ${code}` };
}

function byIssue({ issues, config }: RetryInput): RetryChoice | undefined {
  for (const issue of issues) {
    const text = issue.toLowerCase();
    for (const [words, strategy] of Object.entries(config.issueStrategies)) {
      if (text.includes(words.toLowerCase()))
        return { strategy, reason: `feedback names an issue with "${words}"` };
    }
  }
  return undefined;
}

/** A stage that often fails does not get the gentlest strategy first. */
function byHistory({ stage, attempt, failureRate, config }: RetryInput): RetryChoice | undefined {
  if (failureRate === undefined || failureRate < config.highFailureRate) return undefined;
  const strategy = inOrder(config.strategies[stage], attempt - 1);
  const percent = Math.round(failureRate * 100);
  return {
    strategy,
    reason: `${percent} % of the recent runs of ${stage} failed, so the first strategy is passed over`,
  };
}

function byOrder({ stage, attempt, config }: RetryInput): RetryChoice {
  return {
    strategy: inOrder(config.strategies[stage], attempt - 2),
    reason: `attempt ${attempt} of ${stage}`,
  };
}

function inOrder(strategies: readonly RetryStrategy[], index: number): RetryStrategy {
  return strategies[Math.min(Math.max(index, 0), strategies.length - 1)] ?? 'add-context';
}
