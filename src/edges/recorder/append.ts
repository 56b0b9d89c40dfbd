import { closeSync, fdatasyncSync, ftruncateSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HistoryEntry } from '../../core/history/entry.ts';
import { isRecordedEntry } from '../../core/history/recorded-entry.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { syncDirectory, writeFully } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { damageProblem } from './damage.ts';
import { elementsOf } from './elements.ts';
import { elementsFromEnd } from './elements-from-end.ts';
import { endOfArray } from './end-of-array.ts';
import { changeHistory, type Place } from './place.ts';
import {
  clearPending,
  type PendingAppend,
  pendingAppend,
  pendingState,
  readPending,
  writePending,
} from './side-journal.ts';
import { fileSource, type Source, slice } from './source.ts';

export type AppendOutcome = 'appended' | 'already-recorded';

/** An entry is looked for among this many before it, in at most this many bytes (see `appendEntry`). */
const RECENT_ENTRIES = 20;
const RECENT_BYTES = 64 * 1024;

/**
 * Appends one entry to `pipeline-history.json`, at the same cost for a file of any size and so that neither a
 * crash nor another writer of ours loses an entry (spec: protocols, history file; seed 000, AC-1 to AC-5).
 * The file is created with mode 0600 if absent. An entry whose runId is among the last twenty is not written
 * again, so a caller that crashed before noting its success may simply repeat the call.
 * Problems: SYS_STATE_CORRUPT for a file that is no array (left as it is), SYS_WRITE_ERROR, `history-locked`.
 */
export function appendEntry(file: string, entry: HistoryEntry): Result<AppendOutcome> {
  const json = JSON.stringify(entry);
  return changeHistory(file, 'cannot record the run', (place) => {
    const fd = openExisting(place);
    if (fd === undefined) {
      createWith(place, json);
      return ok('appended');
    }
    try {
      const healed = heal(file, fd, place);
      return healed.ok ? appendTo(file, fd, place, json, entry.runId) : healed;
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Finishes the append of a writer that died, as its side journal tells. Only for the holder of the lock.
 * If somebody rewrote the file since, the entry is appended anew unless it is there.
 */
export function heal(file: string, fd: number, place: Place): Result<undefined> {
  const pending = readPending(place.pendingPath);
  if (pending === undefined) return ok(undefined);
  const source = fileSource(fd);
  const state = pendingState(pending, source);
  if (state === 'redo') writeReplacement(fd, pending);
  if (state === 'foreign') {
    const json = entryOf(pending);
    const there = json === undefined ? ok(true) : holds(file, source, json);
    if (!there.ok) return there;
    if (json !== undefined && !there.value) return writeEntry(file, fd, place, json);
  }
  clearPending(place.pendingPath);
  return ok(undefined);
}

function appendTo(
  file: string,
  fd: number,
  place: Place,
  json: string,
  runId: string,
): Result<AppendOutcome> {
  if (recently(fileSource(fd), runId)) return ok('already-recorded');
  const written = writeEntry(file, fd, place, json);
  return written.ok ? ok('appended') : written;
}

/** Side journal, one positioned write over the closing bracket, sync, side journal cleared. */
function writeEntry(file: string, fd: number, place: Place, json: string): Result<undefined> {
  const source = fileSource(fd);
  const end = endOfArray(source);
  if (end.kind === 'damage') return fail(damageProblem(end.damage, source, file));
  const offset = end.kind === 'blank' ? source.size : end.offset;
  const before = end.kind === 'blank' ? '[\n' : end.kind === 'empty' ? '\n' : ',\n';
  const pending = pendingAppend(
    source,
    offset,
    replacementFor(`${before}${json}\n]\n`, source.size - offset),
  );
  try {
    writePending(place.pendingPath, pending);
  } catch (error) {
    clearQuietly(place);
    throw error;
  }
  try {
    writeReplacement(fd, pending);
  } catch (error) {
    undo(fd, pending, place);
    throw error;
  }
  clearQuietly(place); // Left behind, it is found to be done.
  return ok(undefined);
}

/** Never shorter than what it replaces, or an old bracket would stay behind the new one. */
function replacementFor(text: string, length: number): Buffer {
  const bytes = Buffer.from(text);
  return bytes.length >= length ? bytes : Buffer.concat([bytes, Buffer.alloc(length - bytes.length, ' ')]);
}

function writeReplacement(fd: number, pending: PendingAppend): void {
  writeFully(fd, pending.replacement, pending.offset);
  fdatasyncSync(fd);
}

/** A full disk: the old end is put back. If that fails too, the side journal stays and readers go by it. */
function undo(fd: number, pending: PendingAppend, place: Place): void {
  try {
    writeFully(fd, pending.old, pending.offset);
    ftruncateSync(fd, pending.offset + pending.old.length);
    clearPending(place.pendingPath);
  } catch {
    // The first error is the one to report; the next writer heals the file.
  }
}

function clearQuietly(place: Place): void {
  try {
    clearPending(place.pendingPath);
  } catch {
    // A torn record is ignored by its checksum, a whole one is compared with the file.
  }
}

/** A new file appears whole: readers of any kind see none or the complete array. */
function createWith(place: Place, json: string): void {
  const fd = openSync(place.newPath, 'w', 0o600);
  try {
    writeFully(fd, Buffer.from(`[\n${json}\n]\n`));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  clearQuietly(place); // A record of a file that was deleted since has nothing left to heal.
  renameSync(place.newPath, place.path);
  syncDirectory(dirname(place.path));
}

/** The bytes are searched first; only a hit (perhaps a previousRunId) is worth parsing. */
function recently(source: Source, runId: string): boolean {
  const end = slice(source, Math.max(0, source.size - RECENT_BYTES), source.size);
  if (!end.includes(JSON.stringify(runId))) return false;
  let seen = 0;
  for (const step of elementsFromEnd(source)) {
    if (step.kind === 'damage' || seen === RECENT_ENTRIES) return false;
    if (isRecordedEntry(step.value) && step.value['runId'] === runId) return true;
    seen += 1;
  }
  return false;
}

function holds(file: string, source: Source, json: string): Result<boolean> {
  const wanted: unknown = JSON.parse(json);
  const runId = isRecordedEntry(wanted) ? wanted['runId'] : undefined;
  for (const step of elementsOf(source)) {
    if (step.kind === 'damage') return fail(damageProblem(step.damage, source, file));
    if (isRecordedEntry(step.value) && step.value['runId'] === runId) return ok(true);
  }
  return ok(false);
}

function entryOf({ replacement }: PendingAppend): string | undefined {
  const text = replacement.toString('utf8');
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  try {
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}

function openExisting(place: Place): number | undefined {
  try {
    return openSync(place.path, 'r+');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
