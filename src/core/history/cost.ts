import { microUsdOf } from './money.ts';
import { isCostIncomplete, ownStagesOf, type RecordedEntry, sum, textOf } from './recorded-entry.ts';
import { stagePosition } from './stage-order.ts';

/** Cost under one heading. Integer micro-USD. */
export interface CostShare {
  readonly name: string;
  readonly microUsd: number;
  /** Stage executions (or runs, for a run that only recorded its total) behind it. */
  readonly count: number;
  readonly tokens?: number;
}

export interface HistoryCosts {
  readonly runs: number;
  /** Runs that told a cost. The others are unknown, not free. */
  readonly runsWithCost: number;
  readonly totalMicroUsd: number;
  /** Some of these runs cost more than they tell: not each of their agents did. */
  readonly incomplete?: true;
  /** Per run with a known cost; absent when there is none. */
  readonly averageMicroUsd?: number;
  readonly dearest?: { readonly slug: string; readonly runId?: string; readonly microUsd: number };
  readonly byStage: readonly CostShare[];
  readonly byModel: readonly CostShare[];
}

const UNKNOWN = 'unknown';

/** What the recorded runs cost, by stage and by model, in one pass. */
export function costsOf(entries: Iterable<RecordedEntry>): HistoryCosts {
  const byStage = new Map<string, Share>();
  const byModel = new Map<string, Share>();
  let runs = 0;
  let runsWithCost = 0;
  let totalMicroUsd = 0;
  let incomplete = false;
  let dearest: HistoryCosts['dearest'];
  for (const entry of entries) {
    runs += 1;
    const stages = ownStagesOf(entry).filter((stage) => stage.costMicroUsd !== undefined);
    for (const stage of stages) {
      addTo(byStage, stage.name, stage.costMicroUsd ?? 0, stage.tokens);
      addTo(byModel, stage.model ?? UNKNOWN, stage.costMicroUsd ?? 0, stage.tokens);
    }
    const cost = sum(stages.map((stage) => stage.costMicroUsd)) ?? costWithoutStages(entry);
    if (cost === undefined) continue;
    if (stages.length === 0) {
      addTo(byStage, UNKNOWN, cost, undefined);
      addTo(byModel, UNKNOWN, cost, undefined);
    }
    runsWithCost += 1;
    totalMicroUsd += cost;
    incomplete ||= isCostIncomplete(entry);
    if (dearest === undefined || cost > dearest.microUsd) dearest = named(entry, cost);
  }
  return {
    runs,
    runsWithCost,
    totalMicroUsd,
    ...(incomplete ? { incomplete } : {}),
    ...(runsWithCost === 0 ? {} : { averageMicroUsd: Math.round(totalMicroUsd / runsWithCost) }),
    ...(dearest === undefined ? {} : { dearest }),
    byStage: shares(byStage).sort((a, b) => stagePosition(a.name) - stagePosition(b.name)),
    byModel: shares(byModel).sort((a, b) => b.microUsd - a.microUsd),
  };
}

interface Share {
  microUsd: number;
  count: number;
  tokens: number | undefined;
}

function addTo(shares: Map<string, Share>, name: string, microUsd: number, tokens: number | undefined): void {
  const share = shares.get(name) ?? { microUsd: 0, count: 0, tokens: undefined };
  share.microUsd += microUsd;
  share.count += 1;
  share.tokens = sum([share.tokens, tokens]);
  shares.set(name, share);
}

/** A continuation repeats the costs of earlier stages in its total, so that only a first entry's total counts. */
function costWithoutStages(entry: RecordedEntry): number | undefined {
  const total = entry['totalCost'];
  if (typeof total !== 'number' || !Number.isFinite(total)) return undefined;
  return textOf(entry, 'previousRunId') === undefined ? microUsdOf(total) : undefined;
}

function named(entry: RecordedEntry, microUsd: number): NonNullable<HistoryCosts['dearest']> {
  const runId = textOf(entry, 'runId');
  return { slug: entry.slug, ...(runId === undefined ? {} : { runId }), microUsd };
}

function shares(from: Map<string, Share>): CostShare[] {
  return [...from].map(([name, { microUsd, count, tokens }]) => ({
    name,
    microUsd,
    count,
    ...(tokens === undefined ? {} : { tokens }),
  }));
}
