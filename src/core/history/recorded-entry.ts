import { microUsdOf } from './money.ts';

/**
 * An entry as it is found in the file: by us, by murmur8 4.x (no `runId`, other stage names) or by another tool.
 * Only slug and status are certain; the functions here read the rest without trusting its types.
 */
export interface RecordedEntry {
  readonly slug: string;
  readonly status: string;
  readonly [key: string]: unknown;
}

/** One stage of a recorded entry. Undefined means not recorded, never zero. */
export interface RecordedStage {
  readonly name: string;
  readonly startedAt: string | undefined;
  readonly completedAt: string | undefined;
  readonly durationMs: number | undefined;
  readonly status: string | undefined;
  readonly attempts: number | undefined;
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly tokens: number | undefined;
  readonly costMicroUsd: number | undefined;
  /** Not every attempt told what it cost: it was more. */
  readonly costIncomplete: boolean;
}

/** Checked by hand, because a schema library costs a short command more than its whole work. */
export function isRecordedEntry(value: unknown): value is RecordedEntry {
  return (
    isRecord(value) && typeof value['slug'] === 'string' && value['slug'] !== '' && textIn(value, 'status')
  );
}

/** Text of a field; undefined when it is absent, empty, null or of another type. */
export function textOf(entry: RecordedEntry, key: string): string | undefined {
  return text(entry[key]);
}

/** Duration of the whole run in ms: as recorded, else from its two instants. */
export function durationOf(entry: RecordedEntry): number | undefined {
  return number(entry['totalDurationMs']) ?? between(entry['startedAt'], entry['completedAt']);
}

/** Stages in the order of the file; `nigel-spec` and `nigel-tests` of 4.4+ are joined as `nigel`. */
export function stagesOf(entry: RecordedEntry): RecordedStage[] {
  const raw = entry['stages'];
  if (!isRecord(raw)) return [];
  const stages: RecordedStage[] = [];
  for (const key of Object.keys(raw)) {
    const value = raw[key];
    if (!isRecord(value)) continue;
    const stage = stageFrom(stageName(key), value);
    const part = stages.findIndex(({ name }) => name === stage.name);
    const before = stages[part];
    if (before === undefined) stages.push(stage);
    else stages[part] = joined(before, stage);
  }
  return stages;
}

/**
 * Stages that this entry is the first to tell of. A continued run repeats what was finished before it
 * with its own times; counting that twice would spoil every sum.
 */
export function ownStagesOf(entry: RecordedEntry): RecordedStage[] {
  const start = textOf(entry, 'startedAt');
  const stages = stagesOf(entry);
  if (start === undefined || textOf(entry, 'previousRunId') === undefined) return stages;
  return stages.filter((stage) => stage.startedAt === undefined || stage.startedAt >= start);
}

export function failedStageOf(entry: RecordedEntry): string | undefined {
  const name = textOf(entry, 'failedStage');
  return name === undefined ? undefined : stageName(name);
}

export function pausedAfterOf(entry: RecordedEntry): string | undefined {
  const name = textOf(entry, 'pausedAfter');
  return name === undefined ? undefined : stageName(name);
}

/** Integer micro-USD of the whole entry: as recorded, else the sum of what its stages report. */
export function costOf(entry: RecordedEntry): number | undefined {
  const total = number(entry['totalCost']);
  if (total !== undefined) return microUsdOf(total);
  return sum(stagesOf(entry).map((stage) => stage.costMicroUsd));
}

/** True where the entry's cost is less than it really was. */
export function isCostIncomplete(entry: RecordedEntry): boolean {
  return entry['costIncomplete'] === true || stagesOf(entry).some((stage) => stage.costIncomplete);
}

/** All tokens of the entry, as far as its stages report them. */
export function tokensOf(entry: RecordedEntry): number | undefined {
  return sum(stagesOf(entry).map((stage) => stage.tokens));
}

/** Sum of what is known; undefined when nothing is. */
export function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

function stageName(key: string): string {
  return key === 'nigel-spec' || key === 'nigel-tests' ? 'nigel' : key;
}

function stageFrom(name: string, value: Record<string, unknown>): RecordedStage {
  const cost = number(value['cost']);
  return {
    name,
    startedAt: text(value['startedAt']),
    completedAt: text(value['completedAt']),
    durationMs: number(value['durationMs']) ?? between(value['startedAt'], value['completedAt']),
    status: text(value['status']),
    attempts: number(value['attempts']),
    agent: text(value['agent']),
    model: text(value['model']),
    tokens: tokenTotal(value['tokens']),
    costMicroUsd: cost === undefined ? undefined : microUsdOf(cost),
    costIncomplete: value['costIncomplete'] === true,
  };
}

function joined(first: RecordedStage, second: RecordedStage): RecordedStage {
  return {
    name: first.name,
    startedAt: first.startedAt ?? second.startedAt,
    completedAt: second.completedAt ?? first.completedAt,
    durationMs: sum([first.durationMs, second.durationMs]),
    status: second.status ?? first.status,
    attempts: sum([first.attempts, second.attempts]),
    agent: second.agent ?? first.agent,
    model: second.model ?? first.model,
    tokens: sum([first.tokens, second.tokens]),
    costMicroUsd: sum([first.costMicroUsd, second.costMicroUsd]),
    costIncomplete: first.costIncomplete || second.costIncomplete,
  };
}

function tokenTotal(value: unknown): number | undefined {
  if (!isRecord(value)) return number(value);
  const total = number(value['total']);
  if (total !== undefined) return total;
  return sum(['input', 'output', 'cacheRead', 'cacheWrite'].map((key) => number(value[key])));
}

function between(from: unknown, to: unknown): number | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textIn(value: Record<string, unknown>, key: string): boolean {
  return text(value[key]) !== undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
