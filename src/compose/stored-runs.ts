import { join } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { apply } from '../core/run/apply.ts';
import type { RunState } from '../core/run/state.ts';
import {
  nextStatuses,
  type StatusChange,
  type StatusDocument,
  statusDocument,
} from '../core/status/document.ts';
import { isStatusDocument } from '../core/status/stored-document.ts';
import { lookAtClaim } from '../edges/files/claim.ts';
import { readJournal } from '../edges/store/journal.ts';
import { lookAtJournalEnd } from '../edges/store/journal-end.ts';
import { readStoredRun, runDirectory } from '../edges/store/run-directory.ts';
import type { KnownRun } from './feature/find-run.ts';

/** A run as it stands on disk. */
export interface FoundRun {
  readonly run: KnownRun;
  /** Its status document could not be used and was made again in memory, out of the journal. */
  readonly rebuilt?: Problem;
  /** Its journal is damaged; what is shown is what its owner wrote last. */
  readonly damaged?: Problem;
}

/**
 * Reads a run; where its status document is missing, damaged or of an older form, out of the journal. A problem if
 * neither can be read. Nothing is written.
 */
export function readKnownRun(stateDirectory: string, executionId: string): Result<FoundRun> {
  const stored = readStoredRun(stateDirectory, executionId);
  if (stored.ok && stored.value !== undefined && isStatusDocument(stored.value.document))
    return ok({ run: { stored: stored.value, document: stored.value.document } });
  const run = fromJournal(stateDirectory, executionId);
  if (!run.ok) return run;
  return ok({
    run: run.value,
    rebuilt: {
      code: 'SYS_STATE_CORRUPT',
      message: `${reasonOf(stored)}; what is shown was made out of the journal`,
      file: join(runDirectory(stateDirectory, executionId), 'state.json'),
      hint: 'nothing to do: it is written anew when the run goes on',
    },
  });
}

/**
 * The same run with what its journal says beyond the status document: an owner that was killed between the two, or one
 * that ended while it was looked for, leaves a document that is behind. A living owner's is as it is.
 */
export function upToDate(stateDirectory: string, found: FoundRun): FoundRun {
  const { executionId, directory, owner } = found.run.stored;
  if (owner.state === 'held' || found.rebuilt !== undefined) return found;
  const journal = lookAtJournalEnd(join(directory, 'journal.jsonl'));
  if (journal?.isWhole === true && journal.lastAt === found.run.document.status.timestamp) return found;
  const again = readKnownRun(stateDirectory, executionId);
  if (again.ok && again.value.run.stored.owner.state === 'held') return again.value;
  const rebuilt = fromJournal(stateDirectory, executionId, found.run.document.status_history);
  return rebuilt.ok ? { run: rebuilt.value } : { ...found, damaged: rebuilt.error };
}

function fromJournal(
  stateDirectory: string,
  executionId: string,
  known: readonly StatusChange[] = [],
): Result<KnownRun> {
  const directory = runDirectory(stateDirectory, executionId);
  const file = join(directory, 'journal.jsonl');
  const journal = readJournal(file);
  if (!journal.ok) return journal;
  let document: StatusDocument | undefined;
  try {
    document = folded(journal.value.events, known);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(corrupt(file, `its events do not fit each other: ${reason}`));
  }
  if (document === undefined)
    return fail(corrupt(file, 'the journal holds nothing: it was cut off before the run began'));
  const { state, owner } = lookAtClaim(directory, 'lease');
  const pid = owner?.pid;
  const stored = {
    executionId,
    directory,
    document,
    owner: { state, ...(pid === undefined ? {} : { pid }) },
  };
  return ok({ stored, document });
}

/** Statuses that a document had kept are kept, where it is only behind. */
function folded(
  events: readonly Parameters<typeof apply>[1][],
  known: readonly StatusChange[],
): StatusDocument | undefined {
  const seen = known.at(-1)?.timestamp ?? '';
  let state: RunState | undefined;
  let statuses = known;
  for (const event of events) {
    state = apply(state, event);
    if (event.at > seen) statuses = nextStatuses(state, statuses);
  }
  return state === undefined ? undefined : statusDocument(state, statuses);
}

function reasonOf(stored: ReturnType<typeof readStoredRun>): string {
  if (!stored.ok) return stored.error.message;
  return stored.value === undefined ? 'is missing' : 'is not a whole status document of this form';
}

function corrupt(file: string, message: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message,
    file,
    hint: 'nothing was changed; restore this file from a backup, or start the work anew',
  };
}
