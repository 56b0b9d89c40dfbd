import { closeSync, fdatasyncSync, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRecordedEntry } from '../../core/history/recorded-entry.ts';
import { ok, type Result } from '../../core/result.ts';
import { syncDirectory, writeFully } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { heal } from './append.ts';
import { type ElementStep, elementsOf } from './elements.ts';
import { changeHistory, type Place } from './place.ts';
import { salvage } from './salvage.ts';
import { clearPending, pendingState, readPending } from './side-journal.ts';
import { fileSource, type Source } from './source.ts';

export type RepairOutcome =
  | { readonly kind: 'no-file' }
  | { readonly kind: 'sound'; readonly entries: number }
  | {
      readonly kind: 'repaired';
      readonly entries: number;
      /** Stretches of bytes that hold no whole entry; offsets in the damaged file. */
      readonly lost: readonly { readonly from: number; readonly to: number }[];
      /** Where the damaged file is now. */
      readonly damagedFile: string;
    };

/**
 * Saves every whole entry of a damaged history file into a new one; the damaged file is kept beside it as
 * `.damaged-<timestamp>`. A sound file stays as it is. `now` in ms since the epoch.
 */
export function repair(file: string, now: number): Result<RepairOutcome> {
  return changeHistory<RepairOutcome>(file, 'cannot repair', (place) => {
    const fd = openExisting(place.path);
    if (fd === undefined) return ok({ kind: 'no-file' });
    try {
      healTorn(file, fd, place);
      const source = fileSource(fd);
      const sound = countIfSound(source);
      if (sound !== undefined) return ok({ kind: 'sound', entries: sound });
      const { entries, lost } = writeSalvaged(source, place);
      const damagedFile = setAside(place.path, now);
      renameSync(place.newPath, place.path);
      syncDirectory(dirname(place.path));
      return ok({ kind: 'repaired', entries, lost, damagedFile });
    } finally {
      closeSync(fd);
    }
  });
}

/** Removes the history. Refused (`history-locked`) as long as a writer is at work. Answers whether there was one. */
export function clearHistory(file: string): Result<boolean> {
  return changeHistory(file, 'cannot clear', (place) => {
    if (readPending(place.pendingPath) !== undefined) clearPending(place.pendingPath);
    try {
      unlinkSync(place.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return ok(false);
      throw error;
    }
    syncDirectory(dirname(place.path));
    return ok(true);
  });
}

/** Only what belongs to this very file; an entry of a file that was rewritten since waits for the next append. */
function healTorn(file: string, fd: number, place: Place): void {
  const pending = readPending(place.pendingPath);
  if (pending !== undefined && pendingState(pending, fileSource(fd)) !== 'foreign') heal(file, fd, place);
}

function countIfSound(source: Source): number | undefined {
  let entries = 0;
  for (const step of elementsOf(source)) {
    if (!isEntry(step)) return undefined;
    entries += 1;
  }
  return entries;
}

function isEntry(step: ElementStep): boolean {
  return step.kind === 'element' && isRecordedEntry(step.value);
}

function writeSalvaged(source: Source, place: Place) {
  const lost: { from: number; to: number }[] = [];
  let entries = 0;
  const fd = openSync(place.newPath, 'w', 0o600);
  try {
    for (const piece of salvage(source)) {
      if (piece.kind === 'lost') lost.push({ from: piece.from, to: piece.to });
      else {
        writeFully(fd, Buffer.from(`${entries === 0 ? '[\n' : ',\n'}${piece.json}`));
        entries += 1;
      }
    }
    writeFully(fd, Buffer.from(entries === 0 ? '[]\n' : '\n]\n'));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { entries, lost };
}

/** A second name before the first one is given away: at no moment is there no file. */
function setAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-');
  for (let count = 1; ; count += 1) {
    const aside = `${path}.damaged-${stamp}${count === 1 ? '' : `-${count}`}`;
    try {
      linkSync(path, aside);
      return aside;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
