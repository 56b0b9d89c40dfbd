import { type AttemptFigures, attemptFigures, totalFigures } from '../task/statistics.ts';
import { OTHERS, placeIn } from './bounded-map.ts';
import { failureKindOf } from './failure-kind.ts';
import { addRun, type Ground, type GroundTally, groundOf, NAMED_RUNS, newGround } from './ground.ts';
import { type Rate, rateOf } from './rate.ts';
import type { RunView } from './run-view.ts';
import { createSeries, type Series, spreadOf } from './series.ts';
import type { TaskOfRun } from './task-of-run.ts';
import type { TaskAttempt, TaskRow } from './task-rows.ts';

/** How often work of one kind was completed, what it cost and how long it took. */
export interface WorkFigures extends Ground {
  /** Completed, of completed and failed. What was abandoned is evidence of neither. */
  readonly success: Rate;
  readonly abandoned: number;
  /** Of one attempt; in ms. */
  readonly medianMs?: number;
  /** Attempts with a known cost, and the median of it in micro-USD. */
  readonly priced: number;
  readonly medianCostMicroUsd?: number;
  /** Some of the tasks behind it. */
  readonly taskIds: readonly string[];
}

export interface ModelAtAmbiguity extends WorkFigures {
  readonly model: string;
  /** `unknown` for runs whose feature is no task. */
  readonly ambiguity: string;
}

export interface NamedWork extends WorkFigures {
  readonly name: string;
}

export interface TaskSuccess {
  readonly tasks: number;
  readonly attempts: number;
  readonly perAttempt: Rate;
  /** Tasks of which some attempt was completed, of those with an attempt that was not abandoned. */
  readonly perTask: Rate;
  /** Tasks whose first attempt was completed, of the same. */
  readonly firstTry: Rate;
  /** Sums over the tasks, by the seed's arithmetic: retries, time of execution, wall clock and idle. */
  readonly totals: AttemptFigures;
}

export interface WorkSuccess {
  readonly byModelAndAmbiguity: readonly ModelAtAmbiguity[];
  readonly byModel: readonly NamedWork[];
  readonly byTool: readonly NamedWork[];
  readonly bySize: readonly NamedWork[];
  readonly tasks: TaskSuccess;
}

/** The stage whose model does the work (spec: tasks, link to runs). */
const WORKING_STAGE = 'codey-implement';
const UNKNOWN = 'unknown';
/** An attempt is written a moment after its run began. */
const TOLERANCE_MS = 2000;

/**
 * Success of models over both histories: the attempts in tasks, and runs that left none. A run that is also an attempt
 * of its task counts once and gives it its cost, which attempts do not have.
 */
export function createWorkCases(
  tasks: readonly TaskRow[],
  taskOf: TaskOfRun,
  isWanted: (startMs: number) => boolean,
): { add(run: RunView): void; result(): WorkSuccess } {
  const runOf = new Map<TaskAttempt, RunView>();
  const cells = new Map<string, Tally & { readonly model: string; readonly ambiguity: string }>();
  const models = new Map<string, Tally>();
  const tools = new Map<string, Tally>();
  const sizes = new Map<string, Tally>();
  const record = (work: Case): void => {
    if (work.model !== undefined) {
      const { model, ambiguity } = work;
      const create = (key: string) => ({
        ...newTally(),
        ...(key === OTHERS ? { model: OTHERS, ambiguity: UNKNOWN } : { model, ambiguity }),
      });
      addCase(placeIn(cells, JSON.stringify([model, ambiguity]), create), work);
      addCase(placeIn(models, model, newTally), work);
    }
    if (work.tool !== undefined) addCase(placeIn(tools, work.tool, newTally), work);
    if (work.size !== undefined) addCase(placeIn(sizes, work.size, newTally), work);
  };
  return {
    add(run) {
      const task = taskOf(run);
      const attempt = task?.attempts.find((one) => !runOf.has(one) && isOf(one, run));
      if (attempt === undefined) record(caseOfRun(run, task));
      else runOf.set(attempt, run);
    },
    result() {
      const attempts = tasks.flatMap((task) => task.attempts.map((attempt) => ({ task, attempt })));
      // Newest first, as runs come: so are those that are named.
      for (const { task, attempt } of attempts.sort((a, b) => b.attempt.startMs - a.attempt.startMs))
        if (isWanted(attempt.startMs)) record(caseOfAttempt(task, attempt, runOf.get(attempt)));
      return {
        byModelAndAmbiguity: [...cells.values()]
          .map(({ model, ambiguity, ...tally }) => ({ model, ambiguity, ...figuresOf(tally) }))
          .sort((a, b) => compareText(a.model, b.model) || levelOf(a.ambiguity) - levelOf(b.ambiguity)),
        byModel: named(models),
        byTool: named(tools),
        bySize: named(sizes),
        tasks: taskSuccess(tasks, isWanted),
      };
    },
  };
}

interface Case {
  readonly status: TaskAttempt['status'];
  readonly durationMs: number | undefined;
  readonly costMicroUsd: number | undefined;
  readonly model: string | undefined;
  readonly tool: string | undefined;
  readonly ambiguity: string;
  readonly size: string | undefined;
  readonly taskId: string | undefined;
  readonly runId: string | undefined;
}

/** By the run's id where the attempt has one; else, as others record attempts, by when it began. */
function isOf(attempt: TaskAttempt, { runId, startMs, endMs }: RunView): boolean {
  if (attempt.runId !== undefined && runId !== undefined) return attempt.runId === runId;
  if (startMs === undefined) return false;
  return (
    attempt.startMs >= startMs - TOLERANCE_MS &&
    attempt.startMs <= Math.max(endMs ?? startMs, startMs + TOLERANCE_MS)
  );
}

function caseOfAttempt(task: TaskRow, attempt: TaskAttempt, run: RunView | undefined): Case {
  const { status, durationMs, model, tool } = attempt;
  return {
    status,
    durationMs,
    costMicroUsd: run?.costMicroUsd,
    model,
    tool,
    ambiguity: task.ambiguity,
    size: task.size,
    taskId: task.id,
    runId: run?.runId,
  };
}

function caseOfRun(run: RunView, task: TaskRow | undefined): Case {
  const own = run.stages.filter(({ isOwn }) => isOwn);
  const stage = own.find(({ name }) => name === WORKING_STAGE) ?? own.at(-1);
  const isFailure = run.status === 'failed' && failureKindOf(run.reasonCode) === 'work';
  return {
    status: run.status === 'success' ? 'completed' : isFailure ? 'failed' : 'abandoned',
    durationMs: run.durationMs,
    costMicroUsd: run.costMicroUsd,
    model: stage?.model,
    tool: stage?.runner,
    ambiguity: task?.ambiguity ?? UNKNOWN,
    size: task?.size,
    taskId: task?.id,
    runId: run.runId,
  };
}

interface Tally {
  completed: number;
  failed: number;
  abandoned: number;
  readonly time: Series;
  readonly cost: Series;
  readonly ground: GroundTally;
  readonly taskIds: Set<string>;
}

function newTally(): Tally {
  return {
    completed: 0,
    failed: 0,
    abandoned: 0,
    time: createSeries(),
    cost: createSeries(),
    ground: newGround(),
    taskIds: new Set(),
  };
}

function addCase(tally: Tally, work: Case): void {
  tally[work.status] += 1;
  addRun(tally.ground, work.runId);
  if (work.taskId !== undefined && tally.taskIds.size < NAMED_RUNS) tally.taskIds.add(work.taskId);
  if (work.status === 'abandoned') return;
  tally.time.add(work.durationMs);
  tally.cost.add(work.costMicroUsd);
}

function figuresOf(tally: Tally): WorkFigures {
  const { median: time } = spreadOf(tally.time);
  const cost = spreadOf(tally.cost);
  return {
    success: rateOf(tally.completed, tally.completed + tally.failed),
    abandoned: tally.abandoned,
    ...(time === undefined ? {} : { medianMs: Math.round(time) }),
    priced: cost.count,
    ...(cost.median === undefined ? {} : { medianCostMicroUsd: Math.round(cost.median) }),
    ...groundOf(tally.ground),
    taskIds: [...tally.taskIds],
  };
}

function named(tallies: ReadonlyMap<string, Tally>): NamedWork[] {
  return [...tallies]
    .map(([name, tally]) => ({ name, ...figuresOf(tally) }))
    .sort((a, b) => b.runs - a.runs || compareText(a.name, b.name));
}

function taskSuccess(tasks: readonly TaskRow[], isWanted: (startMs: number) => boolean): TaskSuccess {
  const wanted = tasks.map(({ attempts }) =>
    attempts.filter(({ startMs }) => isWanted(startMs)).toSorted((a, b) => a.startMs - b.startMs),
  );
  const judged = wanted.map((attempts) =>
    attempts.filter(({ status }) => status !== 'abandoned').map(({ status }) => status === 'completed'),
  );
  const tried = judged.filter((attempts) => attempts.length > 0);
  const all = judged.flat();
  const completed = (list: readonly boolean[]): number => list.filter(Boolean).length;
  return {
    tasks: tasks.length,
    attempts: wanted.flat().length,
    perAttempt: rateOf(completed(all), all.length),
    perTask: rateOf(completed(tried.map((attempts) => attempts.includes(true))), tried.length),
    firstTry: rateOf(completed(tried.map(([first]) => first === true)), tried.length),
    totals: totalFigures(
      wanted.flatMap((attempts) => attemptFigures(attempts.map(({ recorded }) => recorded)) ?? []),
    ),
  };
}

const LEVELS = ['low', 'medium', 'high'];

function levelOf(ambiguity: string): number {
  const level = LEVELS.indexOf(ambiguity);
  return level === -1 ? LEVELS.length : level;
}

/** By code units: the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
