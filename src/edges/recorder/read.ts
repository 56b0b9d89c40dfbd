import { isRecordedEntry, type RecordedEntry, textOf } from '../../core/history/recorded-entry.ts';
import { nearestBeginning } from '../../core/nearest.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { damageProblem } from './damage.ts';
import { type ElementStep, elementsOf } from './elements.ts';
import { elementsFromEnd } from './elements-from-end.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';

/** Every entry, oldest first, one at a time. A problem is the last item. No file: no entries. */
export function eachEntry(file: string): Generator<Result<RecordedEntry>, undefined> {
  return entries(file, elementsOf);
}

/** Every entry, newest first, reading the file from its end only as far as it is asked for. */
export function eachEntryFromEnd(file: string): Generator<Result<RecordedEntry>, undefined> {
  return entries(file, elementsFromEnd);
}

/** The newest `count` entries, newest first. Costs the same for a file of any size. */
export function lastEntries(file: string, count: number): Result<RecordedEntry[]> {
  const found: RecordedEntry[] = [];
  if (count < 1) return ok(found);
  for (const item of eachEntryFromEnd(file)) {
    if (!item.ok) return item;
    found.push(item.value);
    if (found.length >= count) break;
  }
  return ok(found);
}

/**
 * The entry with this runId, or with the only runId that begins so; entries of 4.x have none and are found by
 * their slug (the newest of it). Problems: `not-found` with the nearest id, `ambiguous-id`.
 */
export function findEntry(file: string, wanted: string): Result<RecordedEntry> {
  const byPrefix = new Map<string, RecordedEntry>();
  const known = new Set<string>();
  let bySlug: RecordedEntry | undefined;
  for (const item of eachEntryFromEnd(file)) {
    if (!item.ok) return item;
    const runId = textOf(item.value, 'runId');
    if (runId === wanted) return item;
    if (item.value.slug === wanted) bySlug ??= item.value;
    if (runId === undefined) continue;
    if (runId.startsWith(wanted)) byPrefix.set(runId, item.value);
    if (known.size < MAX_SUGGESTED) known.add(runId).add(item.value.slug);
  }
  const [only, ...others] = byPrefix.values();
  if (only !== undefined && others.length === 0) return ok(only);
  if (only === undefined && bySlug !== undefined) return ok(bySlug);
  if (only !== undefined) return fail(ambiguous(wanted, [...byPrefix.keys()]));
  return fail(notFound(wanted, nearestBeginning(wanted, known)));
}

/** Suggestions come from the newest runs; older ones are hardly meant. */
const MAX_SUGGESTED = 2000;
const MAX_LISTED = 5;

function ambiguous(wanted: string, runIds: readonly string[]) {
  return {
    code: 'ambiguous-id',
    message: `${JSON.stringify(wanted)} begins ${runIds.length} run ids`,
    hint: `write more of one of: ${runIds.slice(0, MAX_LISTED).join(', ')}`,
  };
}

function notFound(wanted: string, nearest: string | undefined) {
  return {
    code: 'not-found',
    message: `no recorded run ${JSON.stringify(wanted)}`,
    hint:
      nearest === undefined
        ? 'murmur8 history --all lists every run'
        : `did you mean ${nearest}? murmur8 history --all lists every run`,
  };
}

function* entries(
  file: string,
  read: (snapshot: Snapshot) => Generator<ElementStep, undefined>,
): Generator<Result<RecordedEntry>, undefined> {
  const snapshot = openSnapshot(file);
  if (!snapshot.ok) yield snapshot;
  if (!snapshot.ok || snapshot.value === undefined) return;
  try {
    for (const step of read(snapshot.value)) {
      if (step.kind === 'element' && isRecordedEntry(step.value)) {
        yield ok(step.value);
        continue;
      }
      const damage =
        step.kind === 'damage'
          ? step.damage
          : { at: step.start, what: 'an object here is not a history entry' };
      yield fail(damageProblem(damage, snapshot.value, file));
      return;
    }
  } finally {
    snapshot.value.close();
  }
}
