import type { StatusDocument } from '../../core/status/document.ts';
import { listExecutions, readStoredRun, type StoredRun } from '../../edges/store/run-directory.ts';

export interface KnownRun {
  readonly stored: StoredRun;
  readonly document: StatusDocument;
}

/** The newest run of a feature, in one working tree or in any; one whose document cannot be read is passed over. */
export function newestRunOf(
  stateDirectory: string,
  slug: string,
  workingTree?: string,
): KnownRun | undefined {
  for (const run of knownRuns(stateDirectory)) {
    if (run.document.slug === slug && (workingTree === undefined || run.document.workingTree === workingTree))
      return run;
  }
  return undefined;
}

/** All runs, the one changed last first. Read one by one, as far as somebody looks. */
export function* knownRuns(stateDirectory: string): Generator<KnownRun> {
  for (const id of listExecutions(stateDirectory)) {
    const run = knownRun(stateDirectory, id);
    if (run !== undefined) yield run;
  }
}

/** One run by the id of its execution; undefined if its document is missing or cannot be read. */
export function knownRun(stateDirectory: string, executionId: string): KnownRun | undefined {
  const stored = readStoredRun(stateDirectory, executionId);
  if (!stored.ok || stored.value === undefined || !isDocument(stored.value.document)) return undefined;
  return { stored: stored.value, document: stored.value.document };
}

function isDocument(value: unknown): value is StatusDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'executionId' in value &&
    'status' in value &&
    'phase' in value
  );
}
