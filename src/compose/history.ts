import { join, resolve } from 'node:path';
import type { RecordedEntry } from '../core/history/recorded-entry.ts';
import type { Result } from '../core/result.ts';
import { replaceFile } from '../edges/files/replace-file.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { eachEntry, eachEntryFromEnd, findEntry, lastEntries } from '../edges/recorder/read.ts';
import { clearHistory, type RepairOutcome, repair } from '../edges/recorder/repair.ts';

export type { RepairOutcome };

/** The recorded runs of a project, for commands that read them. Reading writes nothing. */
export interface History {
  /** Absolute path of `pipeline-history.json`; it need not be there. */
  readonly file: string;
  /** Newest first. */
  newest(count: number): Result<RecordedEntry[]>;
  oldestFirst(): Iterable<Result<RecordedEntry>>;
  newestFirst(): Iterable<Result<RecordedEntry>>;
  find(runId: string): Result<RecordedEntry>;
  clear(): Result<boolean>;
  repair(): Result<RepairOutcome>;
  /** Writes an export (relative paths from `cwd`), readable by its owner alone. */
  save(path: string, pieces: Iterable<Result<string>>): Result<undefined>;
}

/** The history of the project around `cwd`. `stateDir` as `--state-dir` gives it. */
export function openHistory(cwd: string, stateDir?: string): History {
  const file = historyFile(stateDirectory(cwd, stateDir));
  return {
    file,
    newest: (count) => lastEntries(file, count),
    oldestFirst: () => eachEntry(file),
    newestFirst: () => eachEntryFromEnd(file),
    find: (runId) => findEntry(file, runId),
    clear: () => clearHistory(file),
    repair: () => repair(file, Date.now()),
    save: (path, pieces) => replaceFile(resolve(cwd, path), pieces),
  };
}

/** Where the history stands in a state directory. */
export function historyFile(stateDir: string): string {
  return join(stateDir, 'pipeline-history.json');
}
