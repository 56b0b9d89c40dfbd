import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../core/result.ts';
import { apply, replay } from '../core/run/apply.ts';
import type { RunEvent, RunEventBody } from '../core/run/event.ts';
import type { RequestBody } from '../core/run/request.ts';
import type { RunState } from '../core/run/state.ts';
import { statusDocument } from '../core/status/document.ts';
import { sha256 } from '../edges/clock/digest.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { sweepMarked } from '../edges/process/sweep.ts';
import { readJournal } from '../edges/store/journal.ts';
import { runDirectory } from '../edges/store/run-directory.ts';
import { createRunStore } from '../edges/store/run-store.ts';
import { drain } from '../engine/drain.ts';
import type { HeldRun } from '../engine/ports.ts';
import { takeOverEvents } from '../engine/take-over.ts';
import { recordDiagnostic } from './diagnostics.ts';
import { knownRun } from './feature/find-run.ts';
import { askOfRun, userName } from './requests.ts';

/** What became of a request. */
export interface Answered {
  /** The event that grants or refuses it; absent when the run's owner has not answered in time. */
  readonly answer?: RunEvent;
  /** A living owner was asked; otherwise it was done here, and nobody drives the run now. */
  readonly byOwner: boolean;
  /** The run after it, where it was done here. */
  readonly state?: RunState;
}

const OWNER_ANSWERS_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/**
 * Asks something of a run, whoever owns it: the request is durable before the lease is tried (spec: protocols, lease
 * and inbox). A living owner answers in its journal; without one the request is answered here, and nothing is begun.
 * `afterwards` is called with the lease still held.
 */
export async function askRun(
  stateDirectory: string,
  executionId: string,
  body: RequestBody,
  options: {
    readonly actor?: string;
    readonly afterwards?: (run: HeldRun, state: RunState, added: readonly RunEvent[]) => Promise<void>;
  } = {},
): Promise<Result<Answered>> {
  const asked = askOfRun(stateDirectory, executionId, body, options.actor ?? userName());
  if (!asked.ok) return asked;
  const requestId = asked.value;
  const store = createRunStore(stateDirectory);
  const deadline = systemClock.now() + OWNER_ANSWERS_WITHIN_MS;
  for (;;) {
    const taken = store.take(executionId);
    if (taken.ok) {
      try {
        return await answerHere(taken.value, stateDirectory, requestId, body, options.afterwards);
      } finally {
        taken.value.release();
      }
    }
    if (taken.error.code !== 'held') return taken;
    const answer = answerIn(stateDirectory, executionId, requestId);
    if (answer !== undefined) return ok({ answer, byOwner: true });
    if (systemClock.now() >= deadline) return ok({ byOwner: true });
    await delay(LOOK_AGAIN_MS);
  }
}

async function answerHere(
  run: HeldRun,
  stateDirectory: string,
  requestId: string,
  body: RequestBody,
  afterwards: ((run: HeldRun, state: RunState, added: readonly RunEvent[]) => Promise<void>) | undefined,
): Promise<Result<Answered>> {
  const before = run.events.find((event) => isAnswer(event, requestId));
  const state = replay(run.events);
  if (state === undefined) return fail({ code: 'not-found', message: `run ${run.executionId} never began` });
  // What the agents of a dead owner left running must not go on beside what is decided now.
  if (run.tookOver) await sweepMarked(`${run.executionId}/`);
  // Whoever answered it in the meantime may have died before seeing to what follows.
  const opened = open(run, state, before === undefined ? body.kind : 'answered');
  if (!opened.ok) return opened;
  const drained = drain({ run, state, clock: systemClock, digest: sha256 });
  if (!drained.ok) return drained;
  const added = [...opened.value, ...drained.value];
  // What a request has made fail is told with its details, or not at all.
  added.push(...(await recordDiagnostic({ run, state, warn: () => {} })));
  const { status_history: earlier = [] } = knownRun(stateDirectory, run.executionId)?.document ?? {};
  const shown = run.snapshot(statusDocument(state, earlier));
  if (!shown.ok) return shown;
  await afterwards?.(run, state, added);
  const answer = before ?? added.find((event) => isAnswer(event, requestId));
  return ok({ byOwner: false, state, ...(answer === undefined ? {} : { answer }) });
}

/**
 * A paused run that is to be cancelled has ended already: its end is one of a new segment. A queued one has not begun:
 * only what has begun can end.
 */
function open(
  run: HeldRun,
  state: RunState,
  wish: RequestBody['kind'] | 'answered',
): Result<readonly RunEvent[]> {
  const anew = state.phase === 'paused' && wish === 'cancel';
  const events: RunEventBody[] = anew
    ? [{ type: 'segment.started', previousRunId: state.runId }]
    : state.phase === 'pending' && wish === 'cancel'
      ? [{ type: 'segment.started', previousRunId: null }]
      : takeOverEvents(state);
  if (events.length === 0) return ok([]);
  const at = new Date(systemClock.now()).toISOString();
  const written = run.advance(anew ? systemClock.id() : state.runId, at, events);
  if (written.ok) for (const event of written.value) apply(state, event);
  return written;
}

function answerIn(stateDirectory: string, executionId: string, requestId: string): RunEvent | undefined {
  const journal = readJournal(join(runDirectory(stateDirectory, executionId), 'journal.jsonl'));
  return journal.ok ? journal.value.events.findLast((event) => isAnswer(event, requestId)) : undefined;
}

function isAnswer(event: RunEvent, requestId: string): boolean {
  return 'requestId' in event && event.requestId === requestId;
}
