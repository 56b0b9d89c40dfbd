import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { isHookExample } from '../../core/agent/protected-files.ts';
import { countsAsStartupFile } from '../../core/agent/startup-files.ts';
import { readBytesBounded } from '../files/bounded-read.ts';
import type { Group, Place } from './places.ts';

/** A protected file as it was found. */
export interface Entry {
  readonly group: Group;
  /** Absolute. */
  readonly path: string;
  /** For people: relative to the project. */
  readonly shown: string;
  /** `other`: a directory, pipe or the like where a file belongs. `crowd`: a directory with too many files to be held. */
  readonly kind: 'file' | 'link' | 'other' | 'crowd';
  /** Differs when the file does: its kind, mode and content. */
  readonly mark: string;
  /** Permission bits. */
  readonly mode: number;
  /** In ms since the epoch; the system alone sets it. */
  readonly changedAt: number;
  /** Bytes of a file, the target of a link; absent where that is too much to be held. */
  readonly content?: Buffer;
  /** The directory in which its place lies. */
  readonly anchor: string;
}

export interface Look {
  /** By absolute path. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Where the directories of the places really lie, without symbolic links. */
  readonly anchors: ReadonlyMap<string, string>;
}

const LARGEST_FILE = 1024 * 1024;
const LARGEST_SUM = 16 * 1024 * 1024;
/** A larger place is left out as a whole: with only a part of it known, files of the user's would pass for new ones. */
const MOST_FILES = 1_000;

/** Looks at protected files again and again; what has not been touched since the last time is not read again. */
export function createLooker(): (places: readonly Place[]) => Look {
  let known: ReadonlyMap<string, { readonly touched: string; readonly entry: Entry }> = new Map();
  return (places) => {
    const seen = new Map<string, { touched: string; entry: Entry }>();
    const anchors = new Map<string, string>();
    let held = 0;
    for (const place of places) {
      const anchor = place.form === 'names' ? place.path : dirname(place.path);
      if (!anchors.has(anchor)) anchors.set(anchor, realPlace(anchor));
      for (const path of pathsOf(place)) {
        const stat = statOf(path);
        if (stat === undefined) continue;
        const touched = [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs, stat.mode].join(' ');
        const before = known.get(path);
        const entry =
          before?.touched === touched ? before.entry : entryOf(place, anchor, path, stat, LARGEST_SUM - held);
        held += entry.content?.length ?? 0;
        seen.set(path, { touched, entry });
      }
    }
    known = seen;
    return { entries: new Map([...seen].map(([path, { entry }]) => [path, entry])), anchors };
  };
}

/** Of a directory that is not there: where it would be made. */
export function realPlace(directory: string): string {
  try {
    // In one call: the other way looks at each part of the path, for a dozen places before each session.
    return realpathSync.native(directory);
  } catch {
    const above = dirname(directory);
    return above === directory ? directory : join(realPlace(above), basename(directory));
  }
}

function pathsOf(place: Place): readonly string[] {
  if (place.form === 'file') return [place.path];
  if (place.form === 'names')
    return namesIn(place.path)
      .filter((name) => place.fits?.(name) === true)
      .map((name) => join(place.path, name));
  const top = statOf(place.path);
  if (top === undefined) return [];
  if (!top.isDirectory()) return [place.path];
  const found: string[] = [];
  return walk(place.path, found) ? found : [place.path];
}

/** What cannot be looked at is not there for an agent either. */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Symbolic links are not followed: behind one may lie anything. False if there is too much. */
function walk(directory: string, found: string[]): boolean {
  for (const entry of readdir(directory)) {
    const path = join(directory, entry.name);
    if (!countsAsStartupFile(path) || isHookExample(path)) continue;
    if (entry.isDirectory()) {
      if (!walk(path, found)) return false;
    } else if (found.push(path) > MOST_FILES) return false;
  }
  return true;
}

function readdir(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function entryOf(place: Place, anchor: string, path: string, stat: Stats, room: number): Entry {
  const content = contentOf(path, stat, room);
  const kind = kindOf(place, path, stat);
  const mode = stat.mode & 0o777;
  const what =
    content === undefined
      ? kind === 'file'
        ? `${stat.size} ${stat.mtimeMs}`
        : ''
      : createHash('sha256').update(content).digest('hex').slice(0, 32);
  return {
    group: place.group,
    path,
    shown: relative(place.shownFrom, path),
    kind,
    mark: `${kind} ${mode.toString(8)} ${what}`,
    mode,
    changedAt: stat.ctimeMs,
    anchor,
    ...(content === undefined ? {} : { content }),
  };
}

function kindOf(place: Place, path: string, stat: Stats): Entry['kind'] {
  if (stat.isFile()) return 'file';
  if (stat.isSymbolicLink()) return 'link';
  return place.form === 'tree' && path === place.path && stat.isDirectory() ? 'crowd' : 'other';
}

function contentOf(path: string, stat: Stats, room: number): Buffer | undefined {
  if (stat.isSymbolicLink()) {
    try {
      return Buffer.from(readlinkSync(path));
    } catch {
      return undefined;
    }
  }
  if (!stat.isFile() || stat.size > Math.min(LARGEST_FILE, room)) return undefined;
  const read = readBytesBounded(path, LARGEST_FILE);
  return read.ok ? read.value : undefined;
}
