import { join } from 'node:path';
import { createMasker } from '../../core/agent/mask.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import type { TaskChange } from '../../core/task/change.ts';
import type { ExecutionAttempt } from '../../core/task/execution.ts';
import type { ParsedTask } from '../../core/task/parse-task.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { readJournal } from '../../edges/store/journal.ts';
import { changeTask } from '../../edges/task/change-task.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { actingUser } from '../acting-user.ts';
import { DEFAULT_RUNNER } from '../runners.ts';
import { projectSecrets } from '../secrets.ts';
import { attemptOfRun, type Wording } from './attempt-of-run.ts';
import { linkedTask, rootsOf, type TaskLink } from './run-link.ts';
import { partsDue } from './run-part.ts';
import { readRunTask, writeRunTask } from './run-task.ts';

export interface AttemptsOrder {
  /** A run that this process holds. */
  readonly run: Pick<HeldRun, 'directory' | 'epoch'>;
  readonly state: RunState;
  readonly mainRoot: string;
  readonly stateDirectory: string;
  /** `earlier`: what owners before this one did; else also what this one did, whose work is over. */
  readonly whose: 'earlier' | 'all';
  /** Why this owner could not drive the run on. */
  readonly broken?: Problem;
}

/** `no-task`: there are tasks, and none for this run. `no-tasks`: the project keeps none. */
export type Recording = 'recorded' | 'no-task' | 'no-tasks';

/**
 * Writes the attempts that a run was at its task, one per ended invocation, those that are not in it yet (spec: tasks,
 * link to runs). Fails with one problem, for a warning: it changes nothing about the run, and whoever comes next to the
 * run tries again.
 */
export function recordAttempts(order: AttemptsOrder): Result<Recording> {
  try {
    return recordDue(order);
  } catch (error) {
    // Also a bug in here may not change how a run ended.
    const message = error instanceof Error ? error.message : String(error);
    return fail(notRecorded({ code: 'SYS_WRITE_ERROR', message }));
  }
}

function recordDue(order: AttemptsOrder): Result<Recording> {
  const { run, state, mainRoot } = order;
  const { workingTree, feature } = state.created;
  const place = { cwd: workingTree, mainRoot };
  const known = readRunTask(run.directory);
  if (!known.ok) return fail(notRecorded(known.error));
  const { recorded } = known.value;
  const link = known.value.link ?? linkedTask(place, feature?.slug ?? '');
  if (link === undefined) return ok(rootsOf(place).length > 0 ? 'no-task' : 'no-tasks');
  const journal = readJournal(join(run.directory, 'journal.jsonl'));
  if (!journal.ok) return fail(notRecorded(journal.error, link));
  const wording = wordingFor(order);
  const attempts: ExecutionAttempt[] = [];
  let last = recorded;
  const look = order.whose === 'earlier' ? { recorded, before: run.epoch } : { recorded };
  for (const part of partsDue(journal.value.events, look)) {
    const isOwn = part.events[0]?.epoch === run.epoch;
    const { broken, ...others } = wording;
    attempts.push(attemptOfRun(part, isOwn && broken !== undefined ? wording : others));
    last = part.seq;
  }
  if (attempts.length === 0) return ok('recorded');
  // An attempt that is there already is of somebody who was killed before noting it below.
  const added = changeTask(link.root, link.id, (task) =>
    ok({
      changes: attempts.filter((attempt) => !holds(task, attempt)).map(asChange),
    }),
  );
  if (!added.ok) return fail(notRecorded(added.error, link));
  const noted = writeRunTask(run.directory, { link, recorded: last });
  return noted.ok ? ok('recorded') : fail(notRecorded(noted.error, link));
}

function wordingFor({ mainRoot, stateDirectory, broken }: AttemptsOrder): Wording {
  const config = readConfig(stateDirectory, 'approval');
  return {
    mask: createMasker(projectSecrets(mainRoot)),
    person: actingUser(config.ok ? config.value : { user: null }),
    defaultRunner: DEFAULT_RUNNER,
    ...(broken === undefined ? {} : { broken }),
  };
}

function asChange(attempt: ExecutionAttempt): TaskChange {
  return { kind: 'add-attempt', attempt };
}

/** Also in a task that has errors elsewhere: read as it stands there. */
function holds({ raw }: ParsedTask, { notes, started_at }: ExecutionAttempt): boolean {
  const { execution } = raw;
  if (typeof execution !== 'object' || execution === null || !('attempts' in execution)) return false;
  const { attempts } = execution;
  return (
    Array.isArray(attempts) &&
    attempts.some(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        'notes' in one &&
        one.notes === notes &&
        'started_at' in one &&
        one.started_at === started_at,
    )
  );
}

function notRecorded(problem: Problem, link?: TaskLink): Problem {
  const where = link === undefined ? 'the task' : `task ${link.id}`;
  const { hint: _, ...rest } = problem;
  return {
    ...rest,
    message: `the attempt could not be added to ${where}: ${problem.message}`,
    hint: `${nextStep(problem, link)}; it is added when the run goes on, or the feature is begun anew`,
  };
}

function nextStep({ code, hint }: Problem, link: TaskLink | undefined): string {
  if (link === undefined || code === 'tasks-locked') return hint ?? 'put that right';
  if (code === 'SYS_WRITE_ERROR') return `see that files below ${link.root}/tasks can be written`;
  if (code === 'task-not-found') return `put the file of task ${link.id} back below ${link.root}/tasks`;
  return `put that right; murmur8 task validate ${link.id} says what is wrong`;
}
