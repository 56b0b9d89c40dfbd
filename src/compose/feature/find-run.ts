import type { StatusDocument } from '../../core/status/document.ts';
import { listExecutions, readStoredRun, type StoredRun } from '../../edges/store/run-directory.ts';

export interface KnownRun {
  readonly stored: StoredRun;
  readonly document: StatusDocument;
}

/** The newest run of a feature in one working tree; runs whose documents cannot be read are passed over. */
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
    const stored = readStoredRun(stateDirectory, id);
    if (!stored.ok || stored.value === undefined || !isDocument(stored.value.document)) continue;
    yield { stored: stored.value, document: stored.value.document };
  }
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
