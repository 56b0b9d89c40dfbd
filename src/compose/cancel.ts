import { basename, dirname, join } from 'node:path';
import { entryFromRun } from '../core/history/from-run.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { appendEntry } from '../edges/recorder/append.ts';
import { askRun } from './ask-run.ts';
import { traceSegment } from './otel.ts';
import { recordPipelineHistory } from './pipeline/books.ts';
import { recordAttempts } from './tasks/record-attempt.ts';

/**
 * Cancels a run: its living owner is asked to, else it is done here, with what its agents left running ended. `warn` is
 * told of a task that could not be told of it.
 */
export async function cancelRun(
  stateDirectory: string,
  executionId: string,
  code: 'USER_CANCELLED' | 'SUPERSEDED' = 'USER_CANCELLED',
  warn: (problem: Problem) => void = () => {},
): Promise<Result<'asked' | 'cancelled'>> {
  let recorded: Result<void> = ok(undefined);
  const asked = await askRun(
    stateDirectory,
    executionId,
    { kind: 'cancel', code },
    {
      async afterwards(run, state) {
        if (state.phase !== 'cancelled') return;
        // Whether its trace arrives is no matter of whether it is cancelled; the next run that ends tells.
        await traceSegment({ stateDirectory, directory: run.directory, state });
        if (state.created.feature !== undefined) {
          const mainRoot = mainRootOf(stateDirectory, state.created.workingTree);
          const told = recordAttempts({ run, state, mainRoot, stateDirectory, whose: 'all' });
          if (!told.ok) warn(told.error);
        }
        if (!state.settings.recordHistory) return;
        if (state.created.feature === undefined) {
          const failed = (problem: Problem): void => {
            recorded = fail(problem);
          };
          return recordPipelineHistory({ stateDirectory, run, state, warn: failed, publish: () => {} });
        }
        const entry = entryFromRun(state);
        if (entry === undefined) return;
        const appended = appendEntry(join(stateDirectory, 'pipeline-history.json'), entry);
        recorded = appended.ok ? ok(undefined) : appended;
      },
    },
  );
  if (!asked.ok) return asked;
  const { answer, byOwner } = asked.value;
  if (answer?.type === 'request.refused') return fail({ code: 'conflict', message: answer.message });
  if (!recorded.ok) return recorded;
  return ok(byOwner ? 'asked' : 'cancelled');
}

/** Without asking git: the state of a run lies in its main working tree, unless somebody has put it elsewhere. */
function mainRootOf(stateDirectory: string, workingTree: string): string {
  return basename(stateDirectory) === '.claude' ? dirname(stateDirectory) : workingTree;
}
