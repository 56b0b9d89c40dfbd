import type { RunEvent } from '../../../../core/run/event.ts';
import type { RunState } from '../../../../core/run/state.ts';

const KEPT = 50;
const NEXT = 3;

/** Stages that ended lately, so that no redraw has to look through them all. */
export interface Lately {
  note(event: RunEvent): void;
  /** Newest last. */
  readonly finished: readonly string[];
  readonly failed: readonly string[];
}

export function createLately(): Lately {
  const finished: string[] = [];
  const failed: string[] = [];
  return {
    finished,
    failed,
    note(event) {
      if (event.type !== 'stage.finished' && event.type !== 'stage.skipped') return;
      if (event.type === 'stage.finished' && event.status === 'failed') keep(failed, event.stage);
      else keep(finished, event.stage);
    },
  };
}

function keep(names: string[], name: string): void {
  names.push(name);
  if (names.length > KEPT) names.shift();
}

/**
 * The names of at most `room` stages that matter most now, in the order of `places`: at work, failed, waiting for
 * people, next, and as far as there is room those that ended last. O(room).
 */
export function mostInteresting(
  state: RunState,
  lately: Lately,
  room: number,
  places: ReadonlyMap<string, number>,
): string[] {
  const chosen = new Set<string>();
  const take = (names: Iterable<string>, most: number): void => {
    let taken = 0;
    for (const name of names) {
      if (chosen.size >= room || taken >= most) return;
      if (!chosen.has(name)) taken += 1;
      chosen.add(name);
    }
  };
  take(state.gated, Math.ceil(room / 3));
  take(newestFirst(lately.failed), Math.ceil(room / 3));
  take(state.active, room);
  take(state.gated, room);
  take(state.ready, NEXT);
  take(newestFirst(lately.failed), room);
  take(newestFirst(lately.finished), room);
  take(state.ready, room);
  return [...chosen].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

function newestFirst(names: readonly string[]): string[] {
  return [...names].reverse();
}
