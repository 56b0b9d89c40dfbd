import type { ExecutionAttempt } from './execution.ts';
import type { TaskMeta } from './meta.ts';
import { compareMoments, type Moment, readMoment, secondsBetween } from './moment.ts';
import { type Proportion, proportion } from './proportion.ts';

/** The figures of one task's attempts, as the seed defines them (seed 003: telemetry semantics). Times in seconds. */
export interface AttemptFigures {
  readonly attempts: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** The sum of the durations that were recorded. */
  readonly executionSeconds: number;
  /** From the earliest beginning to the latest end, by time and not by place in the file. */
  readonly wallClockSeconds: number;
  /** Wall clock less execution time; below zero where attempts ran at the same time. */
  readonly idleSeconds: number;
  /** How much longer the attempts took together than the time in which at least one ran: it explains a negative idle. */
  readonly overlapSeconds: number;
}

/** Undefined for no attempts. */
export function attemptFigures(attempts: readonly ExecutionAttempt[]): AttemptFigures | undefined {
  const spans = attempts.flatMap(({ started_at, ended_at }) => {
    const from = readMoment(started_at);
    const to = readMoment(ended_at);
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
  spans.sort((one, other) => compareMoments(one.from, other.from));
  const [first] = spans;
  if (first === undefined) return undefined;
  const executionSeconds = sum(attempts.map(({ duration_seconds }) => duration_seconds));
  const last = spans.reduce((latest, { to }) => (compareMoments(to, latest) > 0 ? to : latest), first.to);
  const wallClockSeconds = secondsBetween(first.from, last);
  return {
    attempts: attempts.length,
    retries: attempts.length - 1,
    executionSeconds,
    wallClockSeconds,
    idleSeconds: rounded(wallClockSeconds - executionSeconds),
    overlapSeconds: overlap(spans),
  };
}

/** What is asked of all tasks together. */
export interface TaskStatistics {
  /** Tasks with and without attempts. */
  readonly tasks: number;
  readonly tasksWithAttempts: number;
  /** Sums over the tasks. */
  readonly totals: AttemptFigures;
  /** Attempts by how they ended. */
  readonly outcomes: Readonly<Record<ExecutionAttempt['status'], number>>;
  readonly success: SuccessRates;
  readonly byTool: readonly Group[];
  readonly byModel: readonly Group[];
  readonly bySize: readonly Group[];
  readonly byAmbiguity: readonly Group[];
  /** Model × ambiguity → success rate (seed 003: success signals). */
  readonly modelByAmbiguity: readonly ModelAmbiguity[];
}

export interface SuccessRates {
  /** Attempts that completed, of all attempts. */
  readonly perAttempt: Proportion;
  /** Tasks whose latest attempt completed, of the tasks that were attempted. */
  readonly perTask: Proportion;
  /** Tasks whose first attempt completed, of the tasks that were attempted. */
  readonly atFirstTry: Proportion;
}

export interface Group extends SuccessRates {
  /** Of attempts without a model: `unknown`. */
  readonly name: string;
  readonly attempts: number;
  readonly executionSeconds: number;
}

export interface ModelAmbiguity extends SuccessRates {
  readonly model: string;
  readonly ambiguity: TaskMeta['ambiguity'];
  readonly attempts: number;
}

type CountedTask = Pick<TaskMeta, 'id' | 'size' | 'ambiguity' | 'execution'>;

/**
 * Statistics over tasks, from nothing but what `task list` gives. In a group by tool or model, a task counts with the
 * attempts that this tool or model made; the first of them is its first try only if it was the task's first.
 */
export function taskStatistics(tasks: readonly CountedTask[]): TaskStatistics {
  const rows = tasks.flatMap(rowsOf);
  const figures = tasks.flatMap((task) => attemptFigures(task.execution?.attempts ?? []) ?? []);
  const by = (nameOf: (row: Row) => string): Group[] =>
    groups(rows, nameOf).map(([name, its]) => group(name, its));
  return {
    tasks: tasks.length,
    tasksWithAttempts: figures.length,
    totals: totalFigures(figures),
    outcomes: {
      completed: rows.filter(({ status }) => status === 'completed').length,
      failed: rows.filter(({ status }) => status === 'failed').length,
      abandoned: rows.filter(({ status }) => status === 'abandoned').length,
    },
    success: successOf(rows),
    byTool: by(({ tool }) => tool),
    byModel: by(({ model }) => model),
    bySize: by(({ size }) => size),
    byAmbiguity: by(({ ambiguity }) => ambiguity),
    modelByAmbiguity: groups(rows, ({ model, ambiguity }) => `${ambiguity} ${model}`).flatMap(([, its]) => {
      const [row] = its;
      if (row === undefined) return [];
      return [{ model: row.model, ambiguity: row.ambiguity, attempts: its.length, ...successOf(its) }];
    }),
  };
}

/** One attempt with what its task says. */
interface Row {
  readonly task: number;
  readonly tool: string;
  readonly model: string;
  readonly size: TaskMeta['size'];
  readonly ambiguity: TaskMeta['ambiguity'];
  readonly status: ExecutionAttempt['status'];
  readonly seconds: number;
  readonly isFirst: boolean;
}

/** In the order of their beginnings. */
function rowsOf({ size, ambiguity, execution }: CountedTask, task: number): Row[] {
  const inOrder = (execution?.attempts ?? []).toSorted((one, other) => byStart(one, other));
  return inOrder.map(({ executor, status, duration_seconds }, index) => ({
    task,
    tool: executor.tool,
    model: executor.model ?? 'unknown',
    size,
    ambiguity,
    status,
    seconds: duration_seconds,
    isFirst: index === 0,
  }));
}

function byStart(one: ExecutionAttempt, other: ExecutionAttempt): number {
  const from = readMoment(one.started_at);
  const to = readMoment(other.started_at);
  return from === undefined || to === undefined ? 0 : compareMoments(from, to);
}

function group(name: string, rows: readonly Row[]): Group {
  return {
    name,
    attempts: rows.length,
    executionSeconds: sum(rows.map(({ seconds }) => seconds)),
    ...successOf(rows),
  };
}

function successOf(rows: readonly Row[]): SuccessRates {
  const latest = new Map(rows.map((row) => [row.task, row]));
  const firsts = rows.filter(({ isFirst }) => isFirst);
  return {
    perAttempt: completedOf(rows),
    perTask: completedOf([...latest.values()]),
    atFirstTry: completedOf(firsts),
  };
}

function completedOf(rows: readonly Row[]): Proportion {
  return proportion(rows.filter(({ status }) => status === 'completed').length, rows.length);
}

/** By number of attempts, then by name. */
function groups(rows: readonly Row[], nameOf: (row: Row) => string): [string, Row[]][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const its = found.get(name);
    if (its === undefined) found.set(name, [row]);
    else its.push(row);
  }
  return [...found].sort(
    ([one, ones], [other, others]) => others.length - ones.length || (one < other ? -1 : 1),
  );
}

/** Time in which more than one ran, counted once for each attempt beyond the first. Spans are in order. */
function overlap(spans: readonly { readonly from: Moment; readonly to: Moment }[]): number {
  let both = 0;
  let busyUntil: Moment | undefined;
  for (const { from, to } of spans) {
    if (busyUntil !== undefined && compareMoments(from, busyUntil) < 0)
      both += secondsBetween(from, compareMoments(to, busyUntil) < 0 ? to : busyUntil);
    if (busyUntil === undefined || compareMoments(to, busyUntil) > 0) busyUntil = to;
  }
  return rounded(both);
}

/** The sums over several tasks. */
export function totalFigures(figures: readonly AttemptFigures[]): AttemptFigures {
  const total = (of: (each: AttemptFigures) => number): number => rounded(sum(figures.map(of)));
  return {
    attempts: total(({ attempts }) => attempts),
    retries: total(({ retries }) => retries),
    executionSeconds: total(({ executionSeconds }) => executionSeconds),
    wallClockSeconds: total(({ wallClockSeconds }) => wallClockSeconds),
    idleSeconds: total(({ idleSeconds }) => idleSeconds),
    overlapSeconds: total(({ overlapSeconds }) => overlapSeconds),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** To the millisecond, without what adding up fractions leaves behind. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
