import type { ExecutionAttempt } from '../task/execution.ts';
import { type Moment, readMoment } from '../task/moment.ts';

/** One attempt at a task: a session that tried to complete it (seed 003). */
export interface TaskAttempt {
  readonly status: ExecutionAttempt['status'];
  /** Ms since the epoch. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly tool: string;
  readonly model: string | undefined;
  /** Of the run that it was, where a run of this program has recorded it. */
  readonly runId: string | undefined;
  /** What it takes for the seed's arithmetic. */
  readonly recorded: ExecutionAttempt;
}

export interface TaskRow {
  readonly id: string;
  readonly ambiguity: string;
  readonly size: string;
  readonly attempts: readonly TaskAttempt[];
}

export interface TaskRows {
  readonly tasks: readonly TaskRow[];
  /** Rows and attempts that could not be used. */
  readonly passedOver: number;
}

/**
 * What `task list --output json` prints, as far as insights needs it. Read without trusting it: the rows may come from
 * another program. A task without execution is a task without attempts.
 */
export function readTaskRows(rows: readonly unknown[]): TaskRows {
  const tasks: TaskRow[] = [];
  let passedOver = 0;
  for (const row of rows) {
    const id = isRecord(row) ? textIn(row, 'id') : undefined;
    if (!isRecord(row) || id === undefined) {
      passedOver += 1;
      continue;
    }
    const execution = row['execution'];
    const attempts = isRecord(execution) && Array.isArray(execution['attempts']) ? execution['attempts'] : [];
    const usable = attempts.flatMap((attempt: unknown) => readAttempt(attempt) ?? []);
    passedOver += attempts.length - usable.length;
    tasks.push({
      id,
      // The defaults of the seed's frontmatter.
      ambiguity: textIn(row, 'ambiguity') ?? 'low',
      size: textIn(row, 'size') ?? 'medium',
      attempts: usable,
    });
  }
  return { tasks, passedOver };
}

/** As a run notes it in the attempt that it was (compose/tasks/attempt-of-run.ts). */
const OF_RUN = /^murmur8 run ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function readAttempt(value: unknown): TaskAttempt | undefined {
  if (!isRecord(value)) return undefined;
  const { status, executor, started_at, ended_at, duration_seconds, notes } = value;
  if (status !== 'completed' && status !== 'failed' && status !== 'abandoned') return undefined;
  if (typeof started_at !== 'string' || typeof ended_at !== 'string') return undefined;
  const start = readMoment(started_at);
  const tool = isRecord(executor) ? textIn(executor, 'tool') : undefined;
  if (!isRecord(executor) || tool === undefined) return undefined;
  if (start === undefined || readMoment(ended_at) === undefined) return undefined;
  if (typeof duration_seconds !== 'number' || !Number.isFinite(duration_seconds) || duration_seconds < 0)
    return undefined;
  const model = textIn(executor, 'model');
  return {
    status,
    startMs: millisecondsOf(start),
    durationMs: duration_seconds * 1000,
    tool,
    model,
    runId: typeof notes === 'string' ? OF_RUN.exec(notes)?.[1] : undefined,
    recorded: { status, started_at, ended_at, duration_seconds, executor: { tool } },
  };
}

/** Whatever stands behind the milliseconds is left out. */
function millisecondsOf({ seconds, fraction }: Moment): number {
  return seconds * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function textIn(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
