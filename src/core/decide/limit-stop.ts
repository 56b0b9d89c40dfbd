import type { Limits } from '../pipeline/definition.ts';
import type { RunState, StageState } from '../run/state.ts';
import { stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { effectiveLimits, effectiveStageLimits, type LimitReached, limitReached } from './limits.ts';

/**
 * The stop condition of the run, or of the stage that would go on, if one is reached. It counts where more work would
 * begin: what is finished is never undone by it.
 */
export function limitStop(
  state: RunState,
  stage: StageState,
  now: number,
  which: Which = 'all',
): Decision[] | undefined {
  const ofRun = limitReached(
    { metrics: state.metrics, elapsedMs: now - Date.parse(state.segmentStartedAt) },
    only(which, effectiveLimits(state)),
  );
  if (ofRun !== undefined) return [stop(ofRun, ofRun.message)];
  const limits = effectiveStageLimits(state, stage.name);
  if (limits === undefined) return undefined;
  const elapsedMs = now - stageStart(state, stage, now);
  const ofStage = limitReached({ metrics: stage.metrics, elapsedMs }, only(which, limits));
  return ofStage === undefined ? undefined : [stop(ofStage, `${stage.name}: ${ofStage.message}`)];
}

/** All limits, those on what is used (`BUDGET_EXCEEDED`), or the longest duration alone. */
type Which = 'all' | 'budget only' | 'time only';

function only(which: Which, limits: Limits): Limits {
  if (which === 'all') return limits;
  const { maxDurationMs, maxCostMicroUsd, maxTokens } = limits;
  return {
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    ...(which === 'time only' || maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd }),
    ...(which === 'time only' || maxTokens === undefined ? {} : { maxTokens }),
  };
}

/**
 * The stop of an agent that ended because it had spent what it was given. What it cost may be unknown here: it is at
 * least what it was given.
 */
export function budgetSpent(state: RunState, stage: StageState, now: number, message: string): Decision {
  const [known] = limitStop(state, stage, now, 'budget only') ?? [];
  if (known !== undefined) return known;
  const own = effectiveStageLimits(state, stage.name)?.maxCostMicroUsd;
  const limit = own ?? effectiveLimits(state).maxCostMicroUsd;
  if (limit === undefined) return stopRun('BUDGET_EXCEEDED', 0, 1, message);
  return stopRun('BUDGET_EXCEEDED', limit / 1e6, limit / 1e6, message);
}

/** When what a stage has at work has to be ended: the run's or the stage's longest duration, in ms since the epoch. */
export function deadlineOf(state: RunState, stage: StageState, now: number): number | undefined {
  const run = effectiveLimits(state).maxDurationMs;
  const own = effectiveStageLimits(state, stage.name)?.maxDurationMs;
  if (run === undefined && own === undefined) return undefined;
  return Math.min(
    Date.parse(state.segmentStartedAt) + (run ?? Number.POSITIVE_INFINITY),
    stageStart(state, stage, now) + (own ?? Number.POSITIVE_INFINITY),
  );
}

/** A continued run has its time anew. */
function stageStart(state: RunState, { startedAt }: StageState, now: number): number {
  const since = startedAt === undefined ? now : Date.parse(startedAt);
  return Math.max(since, Date.parse(state.segmentStartedAt));
}

function stop(limit: LimitReached, message: string): Decision {
  return stopRun(limit.code, limit.threshold, limit.actual, message);
}
