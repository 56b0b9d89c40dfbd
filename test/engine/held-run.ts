import type { Problem } from '../../src/core/problem.ts';
import { fail, ok } from '../../src/core/result.ts';
import { apply } from '../../src/core/run/apply.ts';
import type { RunCreated, RunEvent, RunEventBody } from '../../src/core/run/event.ts';
import type { RunState } from '../../src/core/run/state.ts';
import type { Clock, HeldRun } from '../../src/engine/ports.ts';
import { BEGINNING, EXECUTION } from '../rig/run-builder.ts';

/** A run whose journal is an array; every append is kept as one batch. */
export interface HeldInMemory extends HeldRun {
  readonly batches: RunEvent[][];
  /** From now on every append fails with this. */
  break(problem: Problem): void;
}

export function heldInMemory(): HeldInMemory {
  const batches: RunEvent[][] = [];
  let problem: Problem | undefined;
  let seq = 0;
  return {
    executionId: EXECUTION,
    epoch: 1,
    tookOver: false,
    directory: '/runs/one',
    events: [],
    batches,
    advance(runId, at, bodies) {
      if (problem !== undefined) return fail(problem);
      const events = bodies.map((body): RunEvent => {
        seq += 1;
        return { v: 1, seq, epoch: 1, at, runId, ...structuredClone(body) };
      });
      batches.push(events);
      return ok(events);
    },
    break(with_) {
      problem = with_;
    },
    snapshot: () => ok(undefined),
    requests: () => [],
    settle: () => {},
    release: () => {},
  };
}

/** Records the beginning of a run and answers with its state. */
export function begin(run: HeldInMemory, created: RunCreated): RunState {
  const bodies: RunEventBody[] = [created, { type: 'segment.started', previousRunId: null }];
  const written = run.advance(EXECUTION, new Date(BEGINNING).toISOString(), bodies);
  if (!written.ok) throw new Error(written.error.message);
  run.batches.length = 0;
  let state: RunState | undefined;
  for (const event of written.value) state = apply(state, event);
  if (state === undefined) throw new Error('a run begins with an event');
  return state;
}

/** A clock that stands still unless it is moved. */
export function standingClock(): Clock & { move(ms: number): void } {
  let now = BEGINNING;
  return {
    now: () => now,
    id: () => 'id',
    move(ms) {
      now += ms;
    },
  };
}
