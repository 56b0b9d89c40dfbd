import type { Limits } from '../pipeline/definition.ts';
import type { RunState } from '../run/state.ts';

export interface LimitReached {
  readonly code:
    | 'RETRY_RATE_EXCEEDED'
    | 'REJECT_RATE_EXCEEDED'
    | 'CONSECUTIVE_FAILS'
    | 'CIRCUIT_BREAKER'
    | 'BUDGET_EXCEEDED';
  readonly threshold: number;
  readonly actual: number;
  readonly message: string;
}

const DEFAULT_AFTER_FRAMES = 5;

/** The first stop condition that is reached at a time (ms since the epoch), if any (spec: run-status, stop conditions). */
export function limitReached(state: RunState, limits: Limits, now: number): LimitReached | undefined {
  const { metrics } = state;
  const ended = metrics.approved + metrics.rejected + metrics.failed;
  const enough = ended >= (limits.afterFrames ?? DEFAULT_AFTER_FRAMES);
  const retryRate = rate(metrics.retriedFrames, metrics.totalFrames);
  const rejectRate = rate(metrics.rejected, metrics.totalFrames);
  if (enough && limits.retryRate !== undefined && retryRate > limits.retryRate) {
    return reached('RETRY_RATE_EXCEEDED', limits.retryRate, retryRate, 'retry rate');
  }
  if (enough && limits.rejectRate !== undefined && rejectRate > limits.rejectRate) {
    return reached('REJECT_RATE_EXCEEDED', limits.rejectRate, rejectRate, 'reject rate');
  }
  if (limits.consecutiveFails !== undefined && metrics.consecutiveFails >= limits.consecutiveFails) {
    return reached(
      'CONSECUTIVE_FAILS',
      limits.consecutiveFails,
      metrics.consecutiveFails,
      'failures in a row',
    );
  }
  if (limits.maxAttempts !== undefined && metrics.attempts >= limits.maxAttempts) {
    return reached('CIRCUIT_BREAKER', limits.maxAttempts, metrics.attempts, 'attempts');
  }
  if (limits.maxCostMicroUsd !== undefined && metrics.costMicroUsd >= limits.maxCostMicroUsd) {
    return reached(
      'BUDGET_EXCEEDED',
      limits.maxCostMicroUsd / 1e6,
      metrics.costMicroUsd / 1e6,
      'cost in USD',
    );
  }
  if (limits.maxTokens !== undefined && metrics.tokens >= limits.maxTokens) {
    return reached('BUDGET_EXCEEDED', limits.maxTokens, metrics.tokens, 'tokens');
  }
  const elapsed = now - Date.parse(state.segmentStartedAt);
  if (limits.maxDurationMs !== undefined && elapsed >= limits.maxDurationMs) {
    return reached('BUDGET_EXCEEDED', limits.maxDurationMs, elapsed, 'duration in ms');
  }
  return undefined;
}

/** The limits of the definition, each overruled by the one given for this run. */
export function effectiveLimits(state: RunState): Limits {
  return { ...state.pipeline.limits, ...state.settings.limits };
}

function reached(code: LimitReached['code'], threshold: number, actual: number, what: string): LimitReached {
  return { code, threshold, actual, message: `${what}: ${actual} of at most ${threshold}` };
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
