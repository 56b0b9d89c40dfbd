import { resolve } from 'node:path';
import { type Insights, insightsOf } from '../core/insights/insights.ts';
import { readTaskRows } from '../core/insights/task-rows.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { readBytesBounded } from '../edges/files/bounded-read.ts';
import { readStandardInput } from '../edges/files/standard-input.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { type RunHistoryEntry, readRunHistory } from '../edges/registry/run-history.ts';
import { historyFile } from './history.ts';
import { openHistoryBackwards } from './insights-history.ts';
import { tasksAt } from './tasks/list.ts';

export interface InsightsQuestion {
  readonly cwd: string;
  /** As `--state-dir` gives it. */
  readonly stateDir?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly features: readonly string[];
  /** What `task list --output json` printed: a file, or `-` for standard input. Undefined: the project's own tasks. */
  readonly tasks?: string | undefined;
}

export interface InsightsAnswer {
  readonly insights: Insights;
  /** What could not be read, and is therefore missing in the figures. */
  readonly warnings: readonly Problem[];
}

const MOST_TASK_BYTES = 256 << 20;
/** Where feedback-config cannot be read. */
const USUAL_GATE = 3;

/** Reads both histories and works out what they say. Writes nothing. */
export function gatherInsights(question: InsightsQuestion): Result<InsightsAnswer> {
  const directory = stateDirectory(question.cwd, question.stateDir);
  const warnings: Problem[] = [];
  const tasks =
    question.tasks === undefined
      ? ownTasks(question.cwd, warnings)
      : givenTasks(question.cwd, question.tasks);
  if (!tasks.ok) return tasks;
  const { tasks: rows, passedOver } = readTaskRows(tasks.value);
  if (passedOver > 0) warnings.push(unreadableTasks(passedOver));
  const history = openHistoryBackwards(historyFile(directory), (damage) => warnings.push(damage));
  if (!history.ok) return history;
  try {
    const { oldestMs, newestMs } = history.value;
    const insights = insightsOf({
      entries: history.value.entries(),
      oldestMs,
      newestMs,
      tasks: rows,
      pipelineRuns: pipelineRuns(directory, warnings),
      sinceMs: question.sinceMs,
      features: question.features,
      minRating: minRatingOf(directory, warnings),
    });
    return ok({ insights, warnings });
  } finally {
    history.value.close();
  }
}

/** The project's tasks as `task list --output json` has them; of those that are no valid tasks it says how many. */
function ownTasks(cwd: string, warnings: Problem[]): Result<readonly unknown[]> {
  const listed = tasksAt(cwd);
  if (!listed.ok) return listed;
  const bad = new Set(
    listed.value.problems.filter(({ severity }) => severity === 'error').map(({ file }) => file),
  ).size;
  if (bad > 0) warnings.push(unreadableTasks(bad));
  return ok(listed.value.tasks.map(({ meta }) => meta));
}

function givenTasks(cwd: string, tasks: string): Result<readonly unknown[]> {
  const read =
    tasks === '-'
      ? readStandardInput(MOST_TASK_BYTES)
      : readBytesBounded(resolve(cwd, tasks), MOST_TASK_BYTES);
  if (!read.ok) return read;
  if (read.value === undefined) return fail(notTasks(tasks, 'there is no such file'));
  try {
    const value: unknown = JSON.parse(read.value.toString('utf8'));
    return Array.isArray(value) ? ok(value) : fail(notTasks(tasks, 'this is JSON, but not an array'));
  } catch {
    return fail(notTasks(tasks, 'this is not JSON'));
  }
}

function notTasks(source: string, message: string): Problem {
  return {
    code: 'bad-tasks',
    message,
    file: source === '-' ? 'standard input' : source,
    hint: 'it takes what murmur8 task list --output json prints',
  };
}

function unreadableTasks(count: number): Problem {
  return {
    code: 'tasks-passed-over',
    message: `${count} of the tasks or their attempts cannot be read, and ${count === 1 ? 'is' : 'are'} not in these figures`,
    hint: 'murmur8 task validate says what is wrong',
  };
}

/** Newest first. A record that cannot be read is no reason to say nothing about the rest. */
function pipelineRuns(directory: string, warnings: Problem[]): readonly RunHistoryEntry[] {
  const read = readRunHistory(directory);
  if (read.ok) return read.value.toReversed();
  warnings.push(read.error);
  return [];
}

function minRatingOf(directory: string, warnings: Problem[]): number {
  const config = readConfig(directory, 'feedback');
  if (config.ok) return config.value.minRating;
  warnings.push(config.error);
  return USUAL_GATE;
}
