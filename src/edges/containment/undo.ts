import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { type Entry, type Look, realPlace } from './look.ts';

/** A protected file that is not as it was. */
export interface Change {
  readonly before?: Entry;
  readonly after?: Entry;
}

/** What differs between two looks at the same places. */
export function changesBetween(before: Look, after: Look): readonly Change[] {
  const crowds = [...before.entries.values()].filter(({ kind }) => kind === 'crowd').map(({ path }) => path);
  const changes: Change[] = [];
  for (const path of new Set([...before.entries.keys(), ...after.entries.keys()])) {
    // Of a place that was never known as a whole nothing can be told.
    if (crowds.some((crowd) => path === crowd || path.startsWith(crowd + sep))) continue;
    const was = before.entries.get(path);
    const is = after.entries.get(path);
    if (was?.mark === is?.mark) continue;
    changes.push({
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    });
  }
  return changes;
}

export function entryOf(change: Change): Entry {
  const entry = change.before ?? change.after;
  if (entry === undefined) throw new Error('a change of nothing');
  return entry;
}

/**
 * Puts files back as they were; what stands in their place now is moved to the directory `kept` first.
 * Answers with the changes that could not be undone: those files are left as they are.
 */
export function undo(changes: readonly Change[], before: Look, kept: string): readonly Change[] {
  const left: Change[] = [];
  // A link in the middle of a way goes before anything is written behind it.
  const order = [...changes].sort((one, other) => weight(one) - weight(other));
  for (const change of order) {
    try {
      if (!isWhereItWas(change, before) || !canBePutBack(change)) left.push(change);
      else undoOne(change, kept);
    } catch {
      left.push(change);
    }
  }
  return left;
}

function weight({ before, after }: Change): number {
  if (before === undefined) return after?.kind === 'file' ? 1 : 0;
  return 2;
}

/** A directory above that became a link, or another link, would lead to files that are none of ours. */
function isWhereItWas(change: Change, before: Look): boolean {
  const { anchor } = entryOf(change);
  return before.anchors.get(anchor) === realPlace(anchor);
}

function canBePutBack({ before }: Change): boolean {
  return before === undefined || before.content !== undefined;
}

function undoOne({ before, after }: Change, kept: string): void {
  const { path, shown, anchor } = before ?? after ?? entryOf({});
  if (after !== undefined) {
    const target = join(kept, shown.replaceAll('..', '_'));
    // A file that is replaced stays where it is until then: there is no moment without one.
    if (after.kind !== 'file' || before?.kind !== 'file' || !keptCopy(path, target))
      keep(path, target, after);
  }
  if (before?.content === undefined) {
    removeEmpty(dirname(path), anchor);
    return;
  }
  makeWay(dirname(path), anchor);
  if (before.kind === 'link') {
    symlinkSync(before.content.toString(), path);
    return;
  }
  writeFileAtomic(path, before.content, { mode: before.mode });
  // What the process masks from new files is part of the file's mode.
  chmodSync(path, before.mode);
}

/** False where it may not be read. */
function keptCopy(path: string, target: string): boolean {
  makePrivateDirectory(dirname(target));
  try {
    copyFileSync(path, target);
  } catch {
    return false;
  }
  chmodSync(target, 0o600);
  return true;
}

/** Moves it away, from one file system to another by a copy if it is a file. */
function keep(path: string, target: string, entry: Entry): void {
  makePrivateDirectory(dirname(target));
  try {
    renameSync(path, target);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV' || entry.kind === 'other' || entry.kind === 'crowd') throw error;
    if (entry.kind === 'link') symlinkSync(entry.content?.toString() ?? '', target);
    else copyFileSync(path, target);
    rmSync(path);
  }
  if (entry.kind === 'file') chmodSync(target, 0o600);
}

/** Directories down to the file; one that is a link now is a trap. */
function makeWay(directory: string, from: string): void {
  mkdirSync(from, { recursive: true });
  let way = from;
  for (const part of relative(from, directory).split(sep)) {
    if (part === '') continue;
    way = join(way, part);
    const found = lstatSync(way, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(way);
    else if (!found.isDirectory()) throw new Error(`${way} is no directory`);
  }
}

function removeEmpty(directory: string, upTo: string): void {
  for (let each = directory; each !== upTo && each.startsWith(upTo + sep); each = dirname(each)) {
    try {
      rmdirSync(each);
    } catch {
      return;
    }
  }
}
