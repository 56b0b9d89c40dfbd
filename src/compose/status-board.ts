import type { Problem } from '../core/problem.ts';
import type { RunState } from '../core/run/state.ts';
import { nextStatuses, type StatusChange, statusDocument } from '../core/status/document.ts';
import { monotonicMs } from '../edges/process/monotonic.ts';
import type { HeldRun } from '../engine/ports.ts';

/** Keeps the document for readers up to date while a run is driven. */
export interface StatusBoard {
  /** The run has changed; what readers see follows at once, or within a moment when it changes ever again. */
  changed(): void;
  /** Writes what has not been written yet. */
  close(): void;
}

/**
 * Readers cannot tell states apart that follow each other within so many ms. Commands that take a millisecond would
 * otherwise spend as much again on a document that nobody can read in time; their journal is complete.
 */
const AT_MOST_EVERY_MS = 50;

export function createStatusBoard(
  run: Pick<HeldRun, 'snapshot'>,
  state: RunState,
  before: readonly StatusChange[],
  warn: (problem: Problem) => void,
): StatusBoard {
  let statuses = before;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let phase: RunState['phase'] | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(later);
    later = undefined;
    writtenAt = monotonicMs();
    phase = state.phase;
    const written = run.snapshot(statusDocument(state, statuses));
    if (!written.ok) warn(written.error);
  };
  return {
    changed() {
      statuses = nextStatuses(state, statuses);
      const wait = AT_MOST_EVERY_MS - (monotonicMs() - writtenAt);
      // A run that begins, waits, goes on or ends is news that no reader may miss.
      if (wait <= 0 || state.phase !== phase) write();
      else later ??= setTimeout(write, wait);
    },
    close() {
      if (later !== undefined) write();
    },
  };
}
