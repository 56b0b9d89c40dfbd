import { join } from 'node:path';
import { entryFromRun } from '../core/history/from-run.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { apply, replay } from '../core/run/apply.ts';
import type { RunEventBody } from '../core/run/event.ts';
import { statusDocument } from '../core/status/document.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { sweepMarked } from '../edges/process/sweep.ts';
import { appendEntry } from '../edges/recorder/append.ts';
import { createRunStore } from '../edges/store/run-store.ts';
import { takeOverEvents } from '../engine/take-over.ts';
import { askOfRun } from './requests.ts';

/** Cancels a run: its living owner is asked to, else it is done here, with what its agents left running ended. */
export async function cancelRun(
  stateDirectory: string,
  executionId: string,
): Promise<Result<'asked' | 'cancelled'>> {
  const taken = createRunStore(stateDirectory).take(executionId);
  if (!taken.ok) {
    if (taken.error.code !== 'held') return taken;
    const asked = askOfRun(stateDirectory, executionId, 'cancel');
    return asked.ok ? ok('asked') : asked;
  }
  const run = taken.value;
  try {
    const state = replay(run.events);
    if (state === undefined) return fail({ code: 'not-found', message: `run ${executionId} never began` });
    await sweepMarked(`${executionId}/`);
    // A segment that had ended is in the history already: what ends the run now is one of its own.
    const over = state.endedAt !== undefined;
    const bodies: RunEventBody[] = [
      ...(over ? [{ type: 'segment.started' as const, previousRunId: state.runId }] : takeOverEvents(state)),
      { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' },
    ];
    const written = run.advance(
      over ? systemClock.id() : state.runId,
      new Date(systemClock.now()).toISOString(),
      bodies,
    );
    if (!written.ok) return written;
    for (const event of written.value) apply(state, event);
    const snapshot = run.snapshot(statusDocument(state, []));
    if (!snapshot.ok) return snapshot;
    const entry = entryFromRun(state);
    if (entry !== undefined && state.settings.recordHistory && state.created.feature !== undefined) {
      const appended = appendEntry(join(stateDirectory, 'pipeline-history.json'), entry);
      if (!appended.ok) return appended;
    }
    return ok('cancelled');
  } finally {
    run.release();
  }
}
