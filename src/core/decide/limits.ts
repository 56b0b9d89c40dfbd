import type { Job, Limits } from '../pipeline/definition.ts';
import type { Counters, RunState } from '../run/state.ts';
import { figure } from '../status/figure.ts';

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

/** What a stop condition is held against. */
export interface Measured {
  readonly metrics: Counters;
  /** Milliseconds so far. */
  readonly elapsedMs: number;
}

/** The first stop condition that is reached, if any (spec: run-status, stop conditions). */
export function limitReached({ metrics, elapsedMs }: Measured, limits: Limits): LimitReached | undefined {
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
  const spent = budgetReached(metrics, limits);
  if (spent !== undefined) return spent;
  if (limits.maxDurationMs !== undefined && elapsedMs >= limits.maxDurationMs) {
    return reached('BUDGET_EXCEEDED', limits.maxDurationMs, elapsedMs, 'duration in ms');
  }
  return undefined;
}

/** What agents used. */
export interface Used {
  readonly costMicroUsd: number;
  readonly tokens: number;
}

/** The limit on cost or tokens that is reached, if any. */
export function budgetReached(
  used: Used,
  { maxCostMicroUsd, maxTokens }: Pick<Limits, 'maxCostMicroUsd' | 'maxTokens'>,
): LimitReached | undefined {
  if (maxCostMicroUsd !== undefined && used.costMicroUsd >= maxCostMicroUsd)
    return reached('BUDGET_EXCEEDED', maxCostMicroUsd / 1e6, used.costMicroUsd / 1e6, 'cost in USD');
  if (maxTokens !== undefined && used.tokens >= maxTokens)
    return reached('BUDGET_EXCEEDED', maxTokens, used.tokens, 'tokens');
  return undefined;
}

/** The limits of the definition, each overruled by the one given for this run. */
export function effectiveLimits(state: RunState): Limits {
  return { ...state.pipeline.limits, ...state.settings.limits };
}

/**
 * The stage's own limits. One of the definition that the run was given another value for has that value here as well;
 * what the stage itself was given goes before both.
 */
export function effectiveStageLimits(state: RunState, stage: string): Limits | undefined {
  const own = state.definitions.get(stage)?.limits;
  const given = ofStage(state.settings.stageLimits, stage);
  if (own === undefined) return given;
  const overruled = Object.entries(state.settings.limits).filter(([key]) => Object.hasOwn(own, key));
  return { ...own, ...Object.fromEntries(overruled), ...given };
}

/** How long one attempt of the stage may take, in ms, as this run was told; undefined where it was not. */
export function givenStageTimeout({ settings }: RunState, stage: string): number | undefined {
  return ofStage(settings.stageTimeouts, stage) ?? settings.stageTimeoutMs;
}

function ofStage<T>(given: Readonly<Record<string, T>> | undefined, stage: string): T | undefined {
  return given !== undefined && Object.hasOwn(given, stage) ? given[stage] : undefined;
}

/** Longest silence of an agent that is told no other, in ms. */
const AGENT_STALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Longest silence of a piece of work in ms: the stage's own limit, else the run's. Without either that of agents, and
 * none of commands, which may be silent for as long as they run. Without a stage it is work of the whole run.
 */
export function stallTimeoutOf(state: RunState, kind: Job['kind'], stage?: string): number | undefined {
  const own = stage === undefined ? undefined : effectiveStageLimits(state, stage)?.stallTimeoutMs;
  const set = own ?? effectiveLimits(state).stallTimeoutMs;
  return set ?? (kind === 'agent' ? AGENT_STALL_TIMEOUT_MS : undefined);
}

/** Longest silence of an agent's work in ms; there always is one. */
export function agentStallTimeout(state: RunState, stage: string): number {
  return stallTimeoutOf(state, 'agent', stage) ?? AGENT_STALL_TIMEOUT_MS;
}

/**
 * True for a limit that ends what is at work. An attempt that was begun within the circuit breaker may come to its end.
 */
export function endsWork(code: string): boolean {
  return ENDING_WORK.has(code);
}

const ENDING_WORK: ReadonlySet<string> = new Set([
  'RETRY_RATE_EXCEEDED',
  'REJECT_RATE_EXCEEDED',
  'CONSECUTIVE_FAILS',
  'BUDGET_EXCEEDED',
  'STALLED',
]);

function reached(code: LimitReached['code'], threshold: number, actual: number, what: string): LimitReached {
  return { code, threshold, actual, message: `${what}: ${figure(actual)} of at most ${figure(threshold)}` };
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
