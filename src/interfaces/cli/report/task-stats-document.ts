import type { TaskStats } from '../../../compose/tasks/stats.ts';
import type { Proportion } from '../../../core/task/proportion.ts';
import type { AttemptFigures, Group, SuccessRates } from '../../../core/task/statistics.ts';
import type { TaskStatsDocument } from '../../contract/task.ts';

/** `task stats` for programs. */
export function statsDocument({ statistics, eachTask }: TaskStats): TaskStatsDocument {
  const { tasks, tasksWithAttempts, totals, outcomes, success, modelByAmbiguity } = statistics;
  return {
    schema_version: 1,
    tasks,
    tasks_with_attempts: tasksWithAttempts,
    totals: figuresOf(totals),
    outcomes: { ...outcomes },
    success: ratesOf(success),
    by_tool: statistics.byTool.map(groupOf),
    by_model: statistics.byModel.map(groupOf),
    by_size: statistics.bySize.map(groupOf),
    by_ambiguity: statistics.byAmbiguity.map(groupOf),
    model_by_ambiguity: modelByAmbiguity.map((one) => ({
      model: one.model,
      ambiguity: one.ambiguity,
      attempts: one.attempts,
      ...ratesOf(one),
    })),
    each_task: eachTask.map(({ id, figures }) => ({ id, ...figuresOf(figures) })),
  };
}

function figuresOf(figures: AttemptFigures): TaskStatsDocument['totals'] {
  return {
    attempts: figures.attempts,
    retries: figures.retries,
    execution_seconds: figures.executionSeconds,
    wall_clock_seconds: figures.wallClockSeconds,
    idle_seconds: figures.idleSeconds,
    overlap_seconds: figures.overlapSeconds,
  };
}

function groupOf(group: Group): TaskStatsDocument['by_tool'][number] {
  const { name, attempts, executionSeconds } = group;
  return { name, attempts, execution_seconds: executionSeconds, ...ratesOf(group) };
}

function ratesOf({ perAttempt, perTask, atFirstTry }: SuccessRates): TaskStatsDocument['success'] {
  return {
    per_attempt: proportionOf(perAttempt),
    per_task: proportionOf(perTask),
    at_first_try: proportionOf(atFirstTry),
  };
}

function proportionOf({ successes, count, rate, interval, isEnough }: Proportion) {
  return { successes, count, rate, interval: interval && { ...interval }, enough_data: isEnough };
}
