import { decide } from '../core/decide/decide.ts';
import type { AttemptWork, Work } from '../core/decide/decision.ts';
import type { Problem } from '../core/problem.ts';
import type { Result } from '../core/result.ts';
import { apply } from '../core/run/apply.ts';
import type { RunEvent, RunEventBody } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import type { Clock, HeldRun } from './ports.ts';

/** Performs one piece of work in the world and says what happened. Never rejects for an expected failure. */
export interface StageWork {
  perform(work: Work, state: RunState, signal: AbortSignal): Promise<Result<readonly RunEventBody[]>>;
  /** Who will do an attempt; recorded before it starts. */
  attemptStarted(work: AttemptWork, state: RunState): RunEventBody;
}

export interface DriveInput {
  readonly run: HeldRun;
  readonly state: RunState;
  readonly work: StageWork;
  readonly clock: Clock;
  /** Called after events are durable. Readers only: it cannot change the run. */
  readonly onEvents: (events: readonly RunEvent[], state: RunState) => void;
  /** Delivers signals and requests from outside; called once, answers with a function that stops listening. */
  readonly listen: (deliver: (message: Outside) => void) => () => void;
}

/** What reaches a run from outside while it is driven. */
export type Outside =
  | { readonly kind: 'stop'; readonly code: string; readonly requestId?: string; readonly actor?: string }
  | { readonly kind: 'events'; readonly events: readonly RunEventBody[] };

/** Why driving ended: the run has, it waits for a person, or its journal could not be written. */
export type DriveEnd =
  | { readonly kind: 'ended'; readonly state: RunState }
  | { readonly kind: 'waiting'; readonly state: RunState }
  | { readonly kind: 'broken'; readonly state: RunState; readonly problem: Problem };

type Message =
  | { readonly kind: 'done'; readonly key: string; readonly result: Result<readonly RunEventBody[]> }
  | { readonly kind: 'time' }
  | Outside;

/**
 * The only loop: decide → record → perform → record. Everything that can happen arrives as a message and is handled
 * one at a time; what follows from it is made durable in one write before any new work begins.
 */
export async function drive(input: DriveInput): Promise<DriveEnd> {
  const mailbox = createMailbox();
  const inFlight = new Map<string, AbortController>();
  const running = new Set<Promise<void>>();
  // Work that could not be done here and now, such as a question with nobody to ask: not begun a second time.
  const declined = new Set<string>();
  const stopListening = input.listen(mailbox.post);
  const { state } = input;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let incoming: RunEventBody[] = [];
  try {
    for (;;) {
      const step = settle(input, incoming, (key) => inFlight.has(key) || declined.has(key));
      if (!step.ok) return { kind: 'broken', state, problem: step.error };
      incoming = [];
      if (hasCome(state)) return { kind: 'ended', state };
      for (const { key, work } of step.value.launch) launch(key, work);
      clearTimeout(timer);
      if (step.value.wakeAt !== undefined) {
        timer = setTimeout(
          () => mailbox.post({ kind: 'time' }),
          Math.max(0, step.value.wakeAt - input.clock.now()),
        );
      } else if (inFlight.size === 0) {
        return { kind: 'waiting', state };
      }
      incoming = take(await mailbox.next());
    }
  } finally {
    clearTimeout(timer);
    stopListening();
    for (const controller of inFlight.values()) controller.abort('over');
    await Promise.allSettled(running);
  }

  function launch(key: string, work: Work): void {
    const controller = new AbortController();
    inFlight.set(key, controller);
    const done = input.work.perform(work, state, controller.signal).then(
      (result) => mailbox.post({ kind: 'done', key, result }),
      (error: unknown) => mailbox.fail(error),
    );
    running.add(done);
    void done.then(() => running.delete(done));
  }

  function take(message: Message): RunEventBody[] {
    switch (message.kind) {
      case 'time':
        return [];
      case 'done':
        inFlight.delete(message.key);
        if (message.result.ok) {
          if (message.result.value.length === 0) declined.add(message.key);
          return [...message.result.value];
        }
        abortAll('failed');
        return [workFailed(message.result.error)];
      case 'events':
        return [...message.events];
      case 'stop':
        abortAll(state.stopRequested === undefined ? 'stop' : 'kill');
        return state.stopRequested === undefined ? [stopRequested(message)] : [];
    }
  }

  function abortAll(reason: 'stop' | 'kill' | 'failed'): void {
    for (const controller of inFlight.values()) controller.abort(reason);
  }
}

interface Step {
  readonly launch: { readonly key: string; readonly work: Work }[];
  readonly wakeAt?: number;
}

/** Folds what came in, lets the decider speak until nothing more follows, and makes all of it durable in one write. */
function settle(
  input: DriveInput,
  incoming: readonly RunEventBody[],
  isTaken: (key: string) => boolean,
): Result<Step> {
  const { state, clock } = input;
  const at = new Date(clock.now()).toISOString();
  const bodies: RunEventBody[] = [];
  const launch = new Map<string, Work>();
  let wakeAt: number | undefined;
  const record = (body: RunEventBody): void => {
    bodies.push(body);
    apply(state, { v: 1, seq: state.seq + 1, epoch: input.run.epoch, at, runId: state.runId, ...body });
  };
  for (const body of incoming) if (!isLate(state, body)) record(body);
  for (let settled = false; !settled; ) {
    settled = true;
    wakeAt = undefined;
    for (const decision of decide(state, clock.now())) {
      if (decision.do === 'record') {
        record(decision.event);
        settled = false;
        // The next decision may rest on this fact: ask again.
        break;
      }
      if (decision.do === 'wait') {
        wakeAt = Math.min(wakeAt ?? decision.until, decision.until);
        continue;
      }
      if (isTaken(decision.key) || launch.has(decision.key)) continue;
      launch.set(decision.key, decision.work);
      if (decision.work.kind === 'attempt') record(input.work.attemptStarted(decision.work, state));
    }
  }
  if (bodies.length > 0) {
    const written = input.run.advance(state.runId, at, bodies);
    if (!written.ok) return written;
    input.onEvents(written.value, state);
  }
  return {
    ok: true,
    value: {
      launch: hasCome(state) ? [] : [...launch].map(([key, work]) => ({ key, work })),
      ...(wakeAt === undefined ? {} : { wakeAt }),
    },
  };
}

/** A result for an attempt that is not the running one any more is ignored: attempt numbers are fencing tokens. */
function isLate(state: RunState, body: RunEventBody): boolean {
  if (body.type !== 'attempt.generated' && body.type !== 'attempt.judged') return false;
  const attempt = state.stages.get(body.stage)?.frames[body.frame]?.attempts.at(-1);
  return attempt?.number !== body.attempt || attempt.outcome === 'abandoned' || attempt.verdict !== undefined;
}

/** True once the run has come to a word that only a new segment can follow. */
function hasCome(state: RunState): boolean {
  return (
    state.phase === 'paused' ||
    state.phase === 'succeeded' ||
    state.phase === 'failed' ||
    state.phase === 'cancelled'
  );
}

function workFailed(problem: Problem): RunEventBody {
  const place = problem.file === undefined ? '' : `${problem.file}: `;
  const code = /^(SYS|DEP)_[A-Z_]+$/.test(problem.code) ? problem.code : 'SYS_WRITE_ERROR';
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return { type: 'work.failed', code, message: `${place}${problem.message}${hint}` };
}

function stopRequested(message: Extract<Outside, { kind: 'stop' }>): RunEventBody {
  return {
    type: 'stop.requested',
    code: message.code,
    ...(message.requestId === undefined ? {} : { requestId: message.requestId }),
    ...(message.actor === undefined ? {} : { actor: message.actor }),
  };
}

function createMailbox(): {
  post(message: Message): void;
  fail(error: unknown): void;
  next(): Promise<Message>;
} {
  const waiting: Message[] = [];
  let wake: { resolve(message: Message): void; reject(error: unknown): void } | undefined;
  let failure: { readonly error: unknown } | undefined;
  return {
    post(message) {
      if (wake === undefined) waiting.push(message);
      else {
        wake.resolve(message);
        wake = undefined;
      }
    },
    fail(error) {
      failure = { error };
      wake?.reject(error);
      wake = undefined;
    },
    next() {
      if (failure !== undefined) return Promise.reject(failure.error);
      const message = waiting.shift();
      if (message !== undefined) return Promise.resolve(message);
      return new Promise((resolve, reject) => {
        wake = { resolve, reject };
      });
    },
  };
}
