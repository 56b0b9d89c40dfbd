import { join } from 'node:path';
import { canonicalJson } from '../core/canonical-json.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { apply, replay } from '../core/run/apply.ts';
import { sealed } from '../core/run/audit.ts';
import type { RunEvent, RunEventBody, RunSettings } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { sha256 } from '../edges/clock/digest.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { sweepMarked } from '../edges/process/sweep.ts';
import { createRunStore } from '../edges/store/run-store.ts';
import { drain } from '../engine/drain.ts';
import type { HeldRun } from '../engine/ports.ts';
import { takeOverEvents } from '../engine/take-over.ts';

/** A run that this process owns, with its state as of the journal. */
export interface OpenRun {
  readonly run: HeldRun;
  readonly state: RunState;
  /** What opening it added to the journal. */
  readonly opened: readonly RunEvent[];
}

/** Takes the lease of a run; what the agents of a dead owner left running is ended. */
export async function takeRun(stateDirectory: string, executionId: string): Promise<Result<OpenRun>> {
  const taken = createRunStore(stateDirectory).take(executionId);
  if (!taken.ok) return taken;
  const run = taken.value;
  const state = replay(run.events);
  if (state === undefined) {
    run.release();
    return fail(emptyJournal(executionId, run.directory));
  }
  await sweepMarked(`${executionId}/`);
  return ok({ run, state, opened: [] });
}

/**
 * Continues a run that was taken. What was in flight when its owner died is recorded as abandoned. An ended run gets
 * a new segment with an id of its own; a crashed one keeps its id. Requests that were left with it are answered.
 */
export function continueRun({ run, state }: OpenRun, settings: RunSettings): Result<OpenRun> {
  const over = state.phase === 'paused' || state.phase === 'failed';
  const opened = over
    ? newSegment({ run, state, opened: [] }, [], { settings })
    : goOn(run, state, [...begun(state), ...changed(state, settings), ...takeOverEvents(state)]);
  return opened.ok ? answerWaiting(opened.value) : opened;
}

/** Begins a new segment of a run that has ended, between the given events. */
export function newSegment(
  { run, state }: OpenRun,
  before: readonly RunEventBody[],
  segment: Omit<Extract<RunEventBody, { type: 'segment.started' }>, 'type' | 'previousRunId'>,
  after: readonly RunEventBody[] = [],
): Result<OpenRun> {
  const began: RunEventBody = { type: 'segment.started', previousRunId: state.runId, ...segment };
  return record(run, systemClock.id(), state, [...before, began, ...after]);
}

/** Answers every request that was left with a run while nobody drove it. */
export function answerWaiting({ run, state, opened }: OpenRun): Result<OpenRun> {
  const answered = drain({ run, state, clock: systemClock, digest: sha256 });
  return answered.ok ? ok({ run, state, opened: [...opened, ...answered.value] }) : answered;
}

function goOn(run: HeldRun, state: RunState, events: readonly RunEventBody[]): Result<OpenRun> {
  return events.length === 0 ? ok({ run, state, opened: [] }) : record(run, state.runId, state, events);
}

/** A run that was killed between its first event and the start of its segment has still to begin. */
function begun(state: RunState): RunEventBody[] {
  return state.phase === 'pending' ? [{ type: 'segment.started', previousRunId: null }] : [];
}

/** What is said now counts from now on, also for whoever goes on after this process. */
function changed(state: RunState, settings: RunSettings): RunEventBody[] {
  const isSame = canonicalJson(state.settings) === canonicalJson(settings);
  return isSame ? [] : [{ type: 'settings.changed', settings }];
}

/** Makes events durable and folds them. `state` is undefined before the first one. */
export function record(
  run: HeldRun,
  runId: string,
  state: RunState | undefined,
  bodies: readonly RunEventBody[],
): Result<OpenRun> {
  const at = new Date(systemClock.now()).toISOString();
  const written = run.advance(runId, at, sealedInOrder(bodies, state?.auditHead ?? '', at));
  if (!written.ok) return written;
  let folded = state;
  for (const event of written.value) folded = apply(folded, event);
  if (folded === undefined) throw new Error('a run begins with an event');
  return ok({ run, state: folded, opened: written.value });
}

/** Each entry about an approval is a link that rests on the one before. */
function sealedInOrder(bodies: readonly RunEventBody[], head: string, at: string): RunEventBody[] {
  let last = head;
  return bodies.map((body) => {
    const whole = sealed(body, last, at, sha256);
    if ('chain' in whole && whole.chain !== undefined) last = whole.chain;
    return whole;
  });
}

function emptyJournal(executionId: string, directory: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: `the journal of run ${executionId} holds nothing: it was cut off before the run began`,
    file: join(directory, 'journal.jsonl'),
    hint: 'start it again; a feature with --restart',
  };
}
