import { durationOf, failedStageOf, ownStagesOf, type RecordedEntry } from './recorded-entry.ts';
import { stagePosition } from './stage-order.ts';

export interface StageStatistics {
  readonly name: string;
  /** Executions with a recorded duration. */
  readonly timed: number;
  /** In ms; absent when no execution has a duration. */
  readonly averageMs?: number;
  readonly longestMs?: number;
  /** Runs that ended because of this stage. */
  readonly failures: number;
}

export interface HistoryStatistics {
  readonly runs: number;
  readonly success: number;
  readonly failed: number;
  readonly paused: number;
  /** Entries with a status that this version does not know. */
  readonly other: number;
  /** success / (success + failed), 0..1: a paused run has not come to an end. Absent when none has ended. */
  readonly successRate?: number;
  /** Over successful runs, in ms. */
  readonly averageMs?: number;
  readonly shortestMs?: number;
  readonly longestMs?: number;
  readonly stages: readonly StageStatistics[];
  readonly mostCommonFailingStage?: { readonly name: string; readonly failures: number };
  /** Start of the oldest and end of the newest entry, ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

/** Figures over all entries, in one pass with memory that does not grow with their number. */
export function statisticsOf(entries: Iterable<RecordedEntry>): HistoryStatistics {
  const tally = { runs: 0, success: 0, failed: 0, paused: 0, other: 0 };
  const whole = newSpan();
  const stages = new Map<string, StageTally>();
  let from: string | undefined;
  let to: string | undefined;
  for (const entry of entries) {
    tally.runs += 1;
    tally[statusOf(entry)] += 1;
    if (entry.status === 'success') addTo(whole, durationOf(entry));
    for (const stage of ownStagesOf(entry)) addTo(tallyOf(stages, stage.name).span, stage.durationMs);
    const failing = entry.status === 'failed' ? failedStageOf(entry) : undefined;
    if (failing !== undefined) tallyOf(stages, failing).failures += 1;
    from = earlier(from, entry['startedAt']);
    to = later(to, entry['completedAt']);
  }
  const ended = tally.success + tally.failed;
  const common = mostFailures(stages);
  return {
    ...tally,
    ...(ended === 0 ? {} : { successRate: tally.success / ended }),
    ...(whole.count === 0
      ? {}
      : { averageMs: whole.totalMs / whole.count, shortestMs: whole.shortestMs, longestMs: whole.longestMs }),
    stages: [...stages].sort(([a], [b]) => stagePosition(a) - stagePosition(b)).map(stageStatistics),
    ...(common === undefined ? {} : { mostCommonFailingStage: common }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

interface Span {
  count: number;
  totalMs: number;
  shortestMs: number;
  longestMs: number;
}

interface StageTally {
  readonly span: Span;
  failures: number;
}

function newSpan(): Span {
  return { count: 0, totalMs: 0, shortestMs: Number.POSITIVE_INFINITY, longestMs: 0 };
}

function addTo(span: Span, ms: number | undefined): void {
  if (ms === undefined) return;
  span.count += 1;
  span.totalMs += ms;
  span.shortestMs = Math.min(span.shortestMs, ms);
  span.longestMs = Math.max(span.longestMs, ms);
}

function tallyOf(stages: Map<string, StageTally>, name: string): StageTally {
  const found = stages.get(name);
  if (found !== undefined) return found;
  const created = { span: newSpan(), failures: 0 };
  stages.set(name, created);
  return created;
}

function stageStatistics([name, { span, failures }]: [string, StageTally]): StageStatistics {
  const times = span.count === 0 ? {} : { averageMs: span.totalMs / span.count, longestMs: span.longestMs };
  return { name, timed: span.count, failures, ...times };
}

/** Of equal counts the earlier stage: what fails first hides what would fail later. */
function mostFailures(stages: Map<string, StageTally>): { name: string; failures: number } | undefined {
  let most: { name: string; failures: number } | undefined;
  for (const [name, { failures }] of stages) {
    if (failures === 0) continue;
    const ahead = most === undefined || failures > most.failures;
    const tie = most !== undefined && failures === most.failures;
    if (ahead || (tie && most !== undefined && stagePosition(name) < stagePosition(most.name)))
      most = { name, failures };
  }
  return most;
}

function statusOf(entry: RecordedEntry): 'success' | 'failed' | 'paused' | 'other' {
  const { status } = entry;
  return status === 'success' || status === 'failed' || status === 'paused' ? status : 'other';
}

/** ISO 8601 in UTC sorts as text. */
function earlier(known: string | undefined, value: unknown): string | undefined {
  if (typeof value !== 'string') return known;
  return known === undefined || value < known ? value : known;
}

function later(known: string | undefined, value: unknown): string | undefined {
  if (typeof value !== 'string') return known;
  return known === undefined || value > known ? value : known;
}
