/** Entries of a feature history for tests of insights: unremarkable but for what a test says. */
export interface StageWish {
  readonly durationMs?: number;
  readonly cost?: number;
  readonly model?: string;
  readonly runner?: string;
  readonly status?: string;
  readonly attempts?: number;
  readonly rating?: number;
  readonly startedAt?: string;
}

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');
export const DAY_MS = 86_400_000;

export function runIdOf(number: number): string {
  return `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

/** The run of this number: one a day. */
export function entryOf(
  number: number,
  stages: Readonly<Record<string, StageWish>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> & { slug: string; status: string } {
  const start = BEGIN + number * DAY_MS;
  const startedAt = new Date(start).toISOString();
  return {
    slug: `feature-${number}`,
    status: 'success',
    runId: runIdOf(number),
    startedAt,
    completedAt: new Date(start + 600_000).toISOString(),
    totalDurationMs: 600_000,
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, { rating, ...stage }]) => [
        name,
        { startedAt, status: 'success', ...stage, ...(rating === undefined ? {} : { feedback: { rating } }) },
      ]),
    ),
    failedStage: null,
    pausedAfter: null,
    ...more,
  };
}

/** An entry that failed at a stage. */
export function failedEntry(
  number: number,
  stage: string,
  reasonCode: string,
  stages: Readonly<Record<string, StageWish>> = {},
): ReturnType<typeof entryOf> {
  return entryOf(
    number,
    { ...stages, [stage]: { ...stages[stage], status: 'failed' } },
    { status: 'failed', failedStage: stage, reasonCode },
  );
}
