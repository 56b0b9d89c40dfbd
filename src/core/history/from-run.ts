import type { RunState, StageState } from '../run/state.ts';
import { reasonOf } from '../status/reason.ts';
import { calculateRunStatus } from '../status/run-status.ts';
import type { HistoryEntry, HistoryStage } from './entry.ts';
import { usdOf } from './money.ts';

/**
 * The history entry of an ended segment (seed 000; spec: history-and-telemetry, Recorder). Undefined while the run
 * has not ended. A skipped stage has no key; stages that finished before a continuation keep their own times.
 */
export function entryFromRun(state: RunState): HistoryEntry | undefined {
  const status = reasonOf(state.code).history;
  if (status === undefined || state.endedAt === undefined) return undefined;
  const failedStage = status === 'failed' ? (state.failedStage ?? null) : null;
  const isIncomplete = state.metrics.unknownCost > 0 ? { costIncomplete: true as const } : {};
  const cost = costIsKnown(state) ? { totalCost: usdOf(state.metrics.costMicroUsd), ...isIncomplete } : {};
  return {
    slug: state.created.feature?.slug ?? state.pipeline.name,
    status,
    runId: state.runId,
    ...(state.previousRunId === null ? {} : { previousRunId: state.previousRunId }),
    ...(state.created.feature === undefined ? {} : { featureId: state.created.feature.featureId }),
    startedAt: state.segmentStartedAt,
    completedAt: state.endedAt,
    totalDurationMs: Date.parse(state.endedAt) - Date.parse(state.segmentStartedAt),
    stages: stagesOf(state),
    failedStage,
    pausedAfter: status === 'paused' ? pausedAfter(state) : null,
    reasonCode: state.code,
    ...(state.closed?.commit === undefined ? {} : { commitHash: state.closed.commit }),
    ...cost,
    metrics: { ...calculateRunStatus(state).metrics },
    pipelineVersion: state.created.version,
  };
}

/** At least one agent said what it cost: then also a sum of nothing is a figure. */
function costIsKnown(state: RunState): boolean {
  if (state.metrics.costMicroUsd > 0) return true;
  return [...state.stages.values()].some((stage) =>
    stage.frames.some((frame) => frame.attempts.some((attempt) => attempt.usage?.costMicroUsd !== undefined)),
  );
}

function stagesOf(state: RunState): HistoryEntry['stages'] {
  const entries: Record<string, HistoryStage> = {};
  for (const stage of state.stages.values()) {
    const entry = stageEntry(state, stage);
    if (entry !== undefined) entries[stage.name] = entry;
  }
  return entries;
}

function stageEntry(state: RunState, stage: StageState): HistoryStage | undefined {
  if (stage.startedAt === undefined || stage.status === 'skipped') return undefined;
  const attempts = stage.frames.flatMap((frame) => frame.attempts);
  const last = attempts.at(-1);
  const completedAt = stage.endedAt ?? last?.endedAt ?? state.endedAt ?? state.at;
  const model = attempts.findLast((attempt) => attempt.model !== undefined)?.model;
  const { received } = stage;
  return {
    startedAt: stage.startedAt,
    completedAt,
    durationMs: Math.max(0, Date.parse(completedAt) - Date.parse(stage.startedAt)),
    status: stage.status === 'succeeded' ? 'success' : stage.status === 'failed' ? 'failed' : 'paused',
    attempts: attempts.length,
    ...(last === undefined ? {} : { agent: last.agent, runner: last.runner }),
    ...(model === undefined ? {} : { model }),
    ...usageOf(stage),
    ...(received === undefined
      ? {}
      : {
          feedback: {
            rating: received.rating,
            issues: [...received.issues],
            recommendation: received.recommendation,
          },
        }),
  };
}

/** Sums over the attempts that reported; absent where none did. */
function usageOf(stage: StageState): {
  tokens?: HistoryStage['tokens'];
  cost?: number;
  costIncomplete?: true;
} {
  const usages = stage.frames.flatMap((frame) => frame.attempts).flatMap((attempt) => attempt.usage ?? []);
  if (usages.length === 0) return {};
  const sum = (pick: (usage: (typeof usages)[number]) => number | undefined): number | undefined => {
    const known = usages.flatMap((usage) => pick(usage) ?? []);
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
  };
  const tokens = (name: 'input' | 'output' | 'cacheRead' | 'cacheWrite') =>
    sum((usage) => (usage.tokensIncomplete === true ? undefined : usage[name]));
  const input = tokens('input');
  const output = tokens('output');
  const cacheRead = tokens('cacheRead');
  const cacheWrite = tokens('cacheWrite');
  const cost = sum((usage) => usage.costMicroUsd);
  return {
    ...(input === undefined || output === undefined
      ? {}
      : {
          tokens: {
            input,
            output,
            ...(cacheRead === undefined ? {} : { cacheRead }),
            ...(cacheWrite === undefined ? {} : { cacheWrite }),
            total: input + output + (cacheRead ?? 0) + (cacheWrite ?? 0),
          },
        }),
    ...(cost === undefined ? {} : { cost: usdOf(cost) }),
    ...(cost === undefined || stage.metrics.unknownCost === 0 ? {} : { costIncomplete: true }),
  };
}

/** The last finished stage in the pipeline's order, a skipped boundary included; null before the first. */
function pausedAfter(state: RunState): string | null {
  if (state.code === 'PAUSED_AFTER_STAGE' && state.settings.pauseAfter !== undefined)
    return state.settings.pauseAfter;
  let last: string | null = null;
  for (const stage of state.stages.values()) if (stage.status === 'succeeded') last = stage.name;
  return last;
}
