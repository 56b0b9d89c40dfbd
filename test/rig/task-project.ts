import { expect } from 'vitest';
import type { ExecutionAttempt } from '../../src/core/task/execution.ts';
import { parseTask } from '../../src/core/task/parse-task.ts';
import { type Ended, murmur8, type RunOptions } from './cli.ts';
import { createProject, type TestProject } from './project.ts';

/** A project that keeps tasks, one of them called like the feature. */
export interface TaskProject extends TestProject {
  /** Path of the task of the feature, relative to the root. */
  readonly task: string;
  /** What a task's file says of the attempts at it; the task has to be valid. */
  attempts(path?: string): readonly ExecutionAttempt[];
  /** Runs `implement-feature greeting` to its end, with the offline runner where no other is named. */
  implement(args?: readonly string[], options?: Partial<RunOptions>): Promise<Ended>;
}

export const TASK = 'tasks/10-ready/story-greeting.md';

/** A task as somebody has written it, with what a rewrite would lose. */
export function taskText(id: string): string {
  return [
    '---',
    `id: ${id} # as the feature is called`,
    "title: 'Greet people'",
    'kind: story',
    'state:   ready',
    'colour: "green"',
    '---',
    '',
    '## Overview',
    '',
    'execution: this is no front matter  ',
    '',
  ].join('\n');
}

export function taskProject(options: { readonly task?: boolean } = {}): TaskProject {
  const project = createProject();
  if (options.task !== false) project.write(TASK, taskText('greeting'));
  return {
    ...project,
    task: TASK,
    attempts(path = TASK) {
      const { meta, problems } = parseTask(project.read(path), path);
      expect(problems.filter(({ path: key }) => key !== 'colour')).toEqual([]);
      return meta?.execution?.attempts ?? [];
    },
    implement: (args = [], more = {}) =>
      murmur8(
        [
          'implement-feature',
          'greeting',
          '--brief',
          project.brief,
          ...(args.includes('--runner') ? [] : ['--runner', 'offline']),
          ...args,
        ],
        { cwd: project.root, ...more },
      ),
  };
}
