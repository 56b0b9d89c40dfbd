import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { lookAtClaim } from '../files/claim.ts';

const MAX_STATE_BYTES = 16 << 20;

export function runDirectory(stateDirectory: string, executionId: string): string {
  return join(stateDirectory, 'runs', executionId);
}

/** Names of all executions, the one changed last first. Empty if there is none. */
export function listExecutions(stateDirectory: string): string[] {
  const runs = join(stateDirectory, 'runs');
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const changed = timeOf(join(runs, name, 'journal.jsonl'));
      return changed === undefined ? [] : [{ name, changed }];
    })
    .sort((left, right) => right.changed - left.changed || (left.name < right.name ? 1 : -1))
    .map((entry) => entry.name);
}

/** The document of a run as its owner last wrote it, with what a reader can see of its owner. Reads only. */
export interface StoredRun {
  readonly executionId: string;
  readonly directory: string;
  readonly document: unknown;
  readonly owner: { readonly state: 'free' | 'held' | 'lost'; readonly pid?: number };
}

export function readStoredRun(stateDirectory: string, executionId: string): Result<StoredRun | undefined> {
  const directory = runDirectory(stateDirectory, executionId);
  const path = join(directory, 'state.json');
  const text = readTextBounded(path, MAX_STATE_BYTES);
  if (!text.ok) return text;
  if (text.value === undefined) return ok(undefined);
  try {
    const document: unknown = JSON.parse(text.value);
    const claim = lookAtClaim(directory, 'lease');
    const pid = claim.owner?.pid;
    return ok({
      executionId,
      directory,
      document,
      owner: { state: claim.state, ...(pid === undefined ? {} : { pid }) },
    });
  } catch {
    return fail({ code: 'SYS_STATE_CORRUPT', message: 'is not a status document', file: path });
  }
}

function timeOf(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
