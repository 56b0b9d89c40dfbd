import type { Command } from 'commander';
import type { TaskFilter } from '../../compose/tasks/filter.ts';

const KEYS = ['state', 'priority', 'size', 'ambiguity', 'executor', 'label', 'parent', 'text'] as const;

/** Which tasks a command is about. */
export function withFilters(command: Command): Command {
  return command
    .option('--state <list>', 'idea, ready, in-progress, done, canceled; several with commas')
    .option('--priority <list>', 'none, low, normal, high, urgent')
    .option('--size <list>', 'tiny, small, medium, large, xl')
    .option('--ambiguity <list>', 'low, medium, high')
    .option('--executor <list>', 'simple, standard, expert, human_review')
    .option('--label <list>', 'tasks with at least one of these labels')
    .option('--parent <list>', 'tasks that are part of these')
    .option('--text <words>', 'tasks in which all of these words stand');
}

/** The filters that were given. */
export function filterFrom(options: TaskFilter): TaskFilter {
  return Object.fromEntries(KEYS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
}
