import type { Problem } from '../core/problem.ts';
import { ok, type Result } from '../core/result.ts';
import { damageProblem } from '../edges/recorder/damage.ts';
import { type ElementStep, elementsOf } from '../edges/recorder/elements.ts';
import { elementsFromEnd } from '../edges/recorder/elements-from-end.ts';
import { openSnapshot, type Snapshot } from '../edges/recorder/snapshot.ts';

/** The elements of a history file, whatever they are, for a reader who counts what is no entry. */
export interface BackwardHistory {
  /** Newest first. */
  entries(): Iterable<unknown>;
  /** Start of the first and of the last element, in ms; undefined where it is not readable. */
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
  close(): void;
}

/**
 * Opens a history to be read from its end. At damage it goes on with what stands before the damaged part, and says so:
 * figures over most of the runs are better than none, as long as nobody takes them for all.
 */
export function openHistoryBackwards(
  file: string,
  onDamage: (problem: Problem) => void,
): Result<BackwardHistory> {
  const opened = openSnapshot(file);
  if (!opened.ok) return opened;
  const snapshot = opened.value;
  if (snapshot === undefined)
    return ok({ entries: () => [], oldestMs: undefined, newestMs: undefined, close: () => {} });
  const oldestMs = startOf(first(elementsOf(snapshot)));
  return ok({
    entries: () => backwards(snapshot, (damage) => onDamage(damageProblem(damage, snapshot, file))),
    oldestMs,
    newestMs: startOf(first(elementsFromEnd(snapshot))) ?? oldestMs,
    close: () => snapshot.close(),
  });
}

type Damage = Extract<ElementStep, { kind: 'damage' }>['damage'];

function* backwards(snapshot: Snapshot, onDamage: (damage: Damage) => void): Generator<unknown, undefined> {
  let readFrom = snapshot.size;
  for (const step of elementsFromEnd(snapshot)) {
    if (step.kind === 'element') {
      readFrom = step.start;
      yield step.value;
      continue;
    }
    onDamage(step.damage);
    const before: unknown[] = [];
    for (const older of elementsOf(snapshot)) {
      if (older.kind === 'damage' || older.start >= readFrom) break;
      before.push(older.value);
    }
    yield* before.toReversed();
  }
}

function first(steps: Iterable<ElementStep>): unknown {
  for (const step of steps) return step.kind === 'element' ? step.value : undefined;
  return undefined;
}

function startOf(element: unknown): number | undefined {
  if (typeof element !== 'object' || element === null || !('startedAt' in element)) return undefined;
  const ms = typeof element.startedAt === 'string' ? Date.parse(element.startedAt) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
