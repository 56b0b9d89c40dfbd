import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { replay } from '../../core/run/apply.ts';
import { STATUS_DOCUMENT_VERSION, statusDocument } from '../../core/status/document.ts';
import { lookAtClaim } from '../../edges/files/claim.ts';
import { readJournal } from '../../edges/store/journal.ts';
import { listExecutions, runDirectory } from '../../edges/store/run-directory.ts';
import { type KnownRun, knownRun } from './find-run.ts';

/**
 * The newest run of a feature in one working tree. A status document that is missing or damaged is made again from
 * the journal, in memory; a run of which neither can be read is passed over. Fails on a document of a newer version.
 */
export function earlierRunOf(
  stateDirectory: string,
  slug: string,
  workingTree: string,
): Result<KnownRun | undefined> {
  for (const id of listExecutions(stateDirectory)) {
    const run = knownRun(stateDirectory, id) ?? fromJournal(stateDirectory, id);
    if (run?.document.slug !== slug || run.document.workingTree !== workingTree) continue;
    if (run.document.v <= STATUS_DOCUMENT_VERSION) return ok(run);
    return fail({
      code: 'newer-version',
      message: `was written by a newer version of this program (form ${run.document.v}, this one knows ${STATUS_DOCUMENT_VERSION})`,
      file: join(run.stored.directory, 'state.json'),
      hint: 'update murmur8, then run the same command again',
    });
  }
  return ok(undefined);
}

function fromJournal(stateDirectory: string, executionId: string): KnownRun | undefined {
  const directory = runDirectory(stateDirectory, executionId);
  const journal = readJournal(join(directory, 'journal.jsonl'));
  const state = journal.ok ? replay(journal.value.events) : undefined;
  if (state === undefined) return undefined;
  const document = statusDocument(state, []);
  const { state: owner } = lookAtClaim(directory, 'lease');
  return { stored: { executionId, directory, document, owner: { state: owner } }, document };
}
