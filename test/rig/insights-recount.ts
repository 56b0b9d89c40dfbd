import type { AttemptItem, TaskItem } from './insights-project.ts';

/**
 * What the tests of insights count for themselves, by other ways than the program: plain filters over all entries,
 * sorted copies for medians, and roots found by halving instead of Wilson's formula.
 */
export interface RecordedStage {
  readonly durationMs: number;
  readonly cost: number;
  readonly model: string;
  readonly runner: string;
  readonly attempts: number;
  readonly status: string;
  readonly feedback?: { readonly rating: number };
}

export interface RecordedRun {
  readonly slug: string;
  readonly runId: string;
  readonly status: 'success' | 'failed' | 'paused';
  readonly startedAt: string;
  readonly completedAt: string;
  readonly totalDurationMs: number;
  readonly failedStage: string | null;
  readonly pausedAfter: string | null;
  readonly reasonCode?: string;
  readonly stages: Readonly<Record<string, RecordedStage>>;
}

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');
const DAY = 86_400_000;
const STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'];

/** Numbers in 0..1 that are the same each time. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One run a day, oldest first: two models, of which the large one succeeds more often, and is dearer. */
export function randomRuns(count: number, seed: number): RecordedRun[] {
  const roll = dice(seed);
  return Array.from({ length: count }, (_, number) => randomRun(number, roll));
}

function randomRun(number: number, roll: () => number): RecordedRun {
  const startMs = BEGIN + number * DAY;
  const isLarge = roll() < 0.4;
  const stages: Record<string, RecordedStage> = {};
  let endMs = startMs;
  let failedStage: string | null = null;
  for (const name of STAGES) {
    const durationMs = Math.round((name === 'codey-implement' ? 600_000 : 60_000) * (0.6 + roll()));
    const fails = roll() < (name === 'codey-implement' ? (isLarge ? 0.05 : 0.4) : 0.03);
    stages[name] = {
      durationMs,
      cost: Math.round((isLarge ? 3 : 1) * (0.1 + roll()) * 1e6) / 1e6,
      model: isLarge ? 'large' : 'small',
      runner: 'claude',
      attempts: roll() < 0.3 ? 2 : 1,
      status: fails ? 'failed' : 'success',
      feedback: { rating: 1 + Math.floor(roll() * 5) },
    };
    endMs += durationMs;
    if (fails) failedStage = name;
    if (fails) break;
  }
  const isPaused = failedStage === null && roll() < 0.1;
  return {
    slug: `feature-${number}`,
    runId: `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`,
    status: failedStage !== null ? 'failed' : isPaused ? 'paused' : 'success',
    startedAt: new Date(startMs).toISOString(),
    completedAt: new Date(endMs).toISOString(),
    totalDurationMs: endMs - startMs,
    failedStage,
    pausedAfter: isPaused ? 'codey-plan' : null,
    ...(failedStage !== null ? { reasonCode: roll() < 0.5 ? 'TESTS_FAILED' : 'STAGE_TIMEOUT' } : {}),
    ...(isPaused ? { reasonCode: 'QUALITY_GATE' } : {}),
    stages,
  };
}

/** Tasks that no run belongs to, with up to four attempts each, which may stand in any order. */
export function randomTasks(count: number, seed: number): TaskItem[] {
  const roll = dice(seed);
  const one = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(roll() * list.length)] ?? list[0];
  return Array.from({ length: count }, (_, number) => {
    const attempts = Array.from({ length: Math.floor(roll() * 5) }, (_, at): AttemptItem => {
      const startMs = BEGIN + number * DAY + at * 3_600_000;
      const seconds = 60 + Math.floor(roll() * 900);
      const model = one([undefined, 'large', 'small', 'tiny']);
      return {
        started_at: new Date(startMs).toISOString(),
        ended_at: new Date(startMs + seconds * 1000).toISOString(),
        duration_seconds: seconds,
        status: one(['completed', 'completed', 'failed', 'abandoned']),
        executor: { tool: one(['claude', 'codex']), ...(model === undefined ? {} : { model }) },
      };
    });
    return {
      id: `task-${String(number).padStart(3, '0')}`,
      size: one(['tiny', 'medium', 'xl']),
      ambiguity: one(['low', 'medium', 'high']),
      attempts: roll() < 0.5 ? attempts : attempts.toReversed(),
    };
  });
}

/** By sorting and taking the nearest ranks. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * share;
  const [low = 0, high = 0] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  return low + (high - low) * (rank % 1);
}

/**
 * The 95% interval that Wilson's formula gives in closed form: the rates p whose distance from the observed one is 1.96
 * standard errors of p itself, sought by halving.
 */
export function wilson(successes: number, of: number): { low: number; high: number } {
  const observed = successes / of;
  const isWithin = (p: number): boolean =>
    Math.abs(observed - p) <= 1.959963984540054 * Math.sqrt((p * (1 - p)) / of);
  const edge = (outside: number): number => {
    let [inner, outer] = [observed, outside];
    if (isWithin(outer)) return outer;
    for (let step = 0; step < 60; step += 1) {
      const middle = (inner + outer) / 2;
      if (isWithin(middle)) inner = middle;
      else outer = middle;
    }
    return inner;
  };
  return { low: edge(0), high: edge(1) };
}

/** A rate as the document has it: below five cases nothing but the counts. */
export function rate(successes: number, of: number): Record<string, unknown> {
  if (of < 5) return { successes, of, enough: false };
  const { low, high } = wilson(successes, of);
  return { successes, of, enough: true, rate: successes / of, low, high };
}
