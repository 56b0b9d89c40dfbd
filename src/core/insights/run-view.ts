import { microUsdOf } from '../history/money.ts';
import {
  durationOf,
  failedStageOf,
  ownStagesOf,
  type RecordedEntry,
  type RecordedStage,
  stagesOf,
  sum,
  textOf,
} from '../history/recorded-entry.ts';

/** A history entry as insights looks at it. Undefined means not recorded, never zero. */
export interface RunView {
  readonly runId: string | undefined;
  readonly previousRunId: string | undefined;
  readonly slug: string;
  readonly status: 'success' | 'failed' | 'paused';
  readonly startedAt: string | undefined;
  /** Ms since the epoch. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly durationMs: number | undefined;
  /** Of this entry's own stages; undefined unless every one of them told its cost. */
  readonly costMicroUsd: number | undefined;
  readonly reasonCode: string | undefined;
  readonly failedStage: string | undefined;
  readonly stages: readonly StageView[];
}

export interface StageView {
  readonly name: string;
  /** False for what a continued run repeats of the run before it. */
  readonly isOwn: boolean;
  readonly status: 'success' | 'failed' | 'paused' | undefined;
  readonly durationMs: number | undefined;
  readonly costMicroUsd: number | undefined;
  readonly attempts: number | undefined;
  readonly runner: string | undefined;
  readonly model: string | undefined;
  /** What the next agent gave this stage's work, 1 to 5. */
  readonly rating: number | undefined;
}

/** Undefined for an entry whose status this version does not know. */
export function viewRun(entry: RecordedEntry): RunView | undefined {
  const { slug, status } = entry;
  if (status !== 'success' && status !== 'failed' && status !== 'paused') return undefined;
  const previousRunId = textOf(entry, 'previousRunId');
  const own = previousRunId === undefined ? undefined : new Set(ownStagesOf(entry).map(({ name }) => name));
  const failedStage = status === 'failed' ? failedStageOf(entry) : undefined;
  const stages = stagesOf(entry).map((stage) =>
    viewStage(entry, stage, own?.has(stage.name) ?? true, failedStage),
  );
  const startedAt = textOf(entry, 'startedAt');
  return {
    runId: textOf(entry, 'runId'),
    previousRunId,
    slug,
    status,
    startedAt,
    startMs: instant(startedAt),
    endMs: instant(textOf(entry, 'completedAt')),
    durationMs: notNegative(durationOf(entry)),
    costMicroUsd: runCost(entry, stages, previousRunId !== undefined),
    reasonCode: textOf(entry, 'reasonCode'),
    failedStage,
    stages,
  };
}

function viewStage(
  entry: RecordedEntry,
  stage: RecordedStage,
  isOwn: boolean,
  failedStage: string | undefined,
): StageView {
  const raw = rawStage(entry, stage.name);
  const runner = raw['runner'];
  return {
    name: stage.name,
    isOwn,
    status: stage.name === failedStage ? 'failed' : knownStatus(stage.status),
    durationMs: notNegative(stage.durationMs),
    // A part would look like a cheap one.
    costMicroUsd: stage.costIncomplete ? undefined : notNegative(stage.costMicroUsd),
    attempts: notNegative(stage.attempts),
    runner: typeof runner === 'string' && runner !== '' ? runner : undefined,
    model: stage.model,
    rating: ratingIn(raw['feedback']),
  };
}

/** A sum without the stages that did not tell theirs would be too small, and look like a cheap run. */
function runCost(
  entry: RecordedEntry,
  stages: readonly StageView[],
  isContinued: boolean,
): number | undefined {
  const costs = stages.filter((stage) => stage.isOwn).map((stage) => stage.costMicroUsd);
  const known = sum(costs);
  if (entry['costIncomplete'] === true) return undefined;
  if (known !== undefined) return costs.includes(undefined) ? undefined : known;
  const total = entry['totalCost'];
  if (isContinued || typeof total !== 'number' || !Number.isFinite(total) || total < 0) return undefined;
  return microUsdOf(total);
}

function rawStage(entry: RecordedEntry, name: string): Readonly<Record<string, unknown>> {
  const { stages } = entry;
  const named = isRecord(stages)
    ? (stages[name] ?? (name === 'nigel' ? stages['nigel-tests'] : undefined))
    : undefined;
  return isRecord(named) ? named : {};
}

function ratingIn(feedback: unknown): number | undefined {
  const rating = isRecord(feedback) ? feedback['rating'] : undefined;
  return typeof rating === 'number' && rating >= 1 && rating <= 5 ? rating : undefined;
}

function knownStatus(status: string | undefined): StageView['status'] {
  return status === 'success' || status === 'failed' || status === 'paused' ? status : undefined;
}

function instant(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function notNegative(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
