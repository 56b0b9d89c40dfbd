import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { replay } from '../../core/run/apply.ts';
import type { RunState } from '../../core/run/state.ts';
import { readJournal } from '../../edges/store/journal.ts';
import type { KnownRun } from '../feature/find-run.ts';

/** What a run is by its journal. Reads only. */
export function readRunState(run: KnownRun): Result<RunState> {
  const file = join(run.stored.directory, 'journal.jsonl');
  const journal = readJournal(file);
  if (!journal.ok) return journal;
  const state = replay(journal.value.events);
  return state === undefined ? fail(emptyJournal(file)) : ok(state);
}

/** True if the run says that it is under way while nobody drives it. */
export function hasLostOwner({ stored }: KnownRun, phase: RunState['phase']): boolean {
  return (phase === 'running' || phase === 'pending') && stored.owner.state !== 'held';
}

function emptyJournal(file: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: 'the journal holds nothing: it was cut off before the run began',
    file,
    hint: 'start it again',
  };
}
