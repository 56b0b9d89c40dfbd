import type { Problem } from '../core/problem.ts';
import type { RunState } from '../core/run/state.ts';
import { type StatusChange, statusDocument } from '../core/status/document.ts';
import type { HeldRun } from '../engine/ports.ts';

/** Keeps the document for readers up to date while a run is driven. */
export interface StatusBoard {
  /** The run has changed: readers see it before anything else happens (seed 002, task 7.1). */
  changed(): void;
}

/** `before` are the statuses that an earlier owner left, so that a run that is continued keeps them. */
export function createStatusBoard(
  run: Pick<HeldRun, 'snapshot'>,
  state: RunState,
  before: readonly StatusChange[],
  warn: (problem: Problem) => void,
): StatusBoard {
  let statuses = before;
  let isBehind = false;
  return {
    changed() {
      const document = statusDocument(state, statuses);
      statuses = document.status_history;
      const written = run.snapshot(document);
      // A disk that stays full is said once, not after every event.
      if (!written.ok && !isBehind) warn(written.error);
      isBehind = !written.ok;
    },
  };
}
