import { isCancel } from '../core/decide/at-the-end.ts';
import type { AttemptWork, UndoWork, Work } from '../core/decide/decision.ts';
import { eventsForRequest } from '../core/decide/requests.ts';
import type { Problem } from '../core/problem.ts';
import type { Result } from '../core/result.ts';
import type { Digest } from '../core/run/audit.ts';
import type { RunEvent, RunEventBody } from '../core/run/event.ts';
import type { RunRequest } from '../core/run/request.ts';
import type { RunState } from '../core/run/state.ts';
import { createMailbox } from './mailbox.ts';
import type { Clock, HeldRun } from './ports.ts';
import { hasCome, type Step, settle } from './settle.ts';

/** Performs one piece of work in the world and says what happened. Never rejects for an expected failure. */
export interface StageWork {
  perform(
    work: Work,
    state: RunState,
    signal: AbortSignal,
    /** Tells what cannot wait for the end of the work. */
    report: (events: readonly RunEventBody[]) => void,
  ): Promise<Result<readonly RunEventBody[]>>;
  /** Who will do an attempt or undo a stage; recorded before it starts. */
  started(work: AttemptWork | UndoWork, state: RunState): RunEventBody;
}

export interface DriveInput {
  readonly run: HeldRun;
  readonly state: RunState;
  readonly work: StageWork;
  readonly clock: Clock;
  readonly digest: Digest;
  /** Called after events are durable. Readers only: it cannot change the run. */
  readonly onEvents: (events: readonly RunEvent[], state: RunState) => void;
  /** Delivers signals and requests from outside; called once, answers with a function that stops listening. */
  readonly listen: (deliver: (message: Outside) => void) => () => void;
}

/** What reaches a run from outside while it is driven. */
export type Outside =
  | { readonly kind: 'stop'; readonly code: string; readonly requestId?: string; readonly actor?: string }
  | { readonly kind: 'request'; readonly request: RunRequest };

/** Why driving ended: the run has, it waits for a person, or its journal could not be written. */
export type DriveEnd =
  | { readonly kind: 'ended'; readonly state: RunState }
  | { readonly kind: 'waiting'; readonly state: RunState }
  | { readonly kind: 'broken'; readonly state: RunState; readonly problem: Problem };

/** Work that was begun and has not come to its end. */
interface Flight {
  readonly work: Work;
  readonly controller: AbortController;
}

type Message =
  | { readonly kind: 'done'; readonly key: string; readonly result: Result<readonly RunEventBody[]> }
  | { readonly kind: 'time' }
  | { readonly kind: 'events'; readonly events: readonly RunEventBody[] }
  | Outside;

/**
 * The only loop: decide → record → perform → record. Everything that can happen arrives as a message and is handled
 * one at a time; what follows from it is made durable in one write before any new work begins.
 */
export async function drive(input: DriveInput): Promise<DriveEnd> {
  const mailbox = createMailbox<Message>();
  const inFlight = new Map<string, Flight>();
  const running = new Set<Promise<void>>();
  // Work that could not be done here and now, such as a question with nobody to ask: not begun a second time.
  const declined = new Set<string>();
  const stopListening = input.listen(mailbox.post);
  const { state } = input;
  const ledger = { ...input, started: input.work.started.bind(input.work) };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let incoming: RunEventBody[] = [];
  try {
    for (;;) {
      const step = settle(ledger, incoming, {
        isTaken: (key) => inFlight.has(key) || declined.has(key),
        any: inFlight.size > 0,
      });
      if (!step.ok) return { kind: 'broken', state, problem: step.error };
      incoming = [];
      if (hasCome(state)) return { kind: 'ended', state };
      if (step.value.interrupt) abortAll('limit');
      for (const { key, work } of step.value.launch) launch(key, work);
      clearTimeout(timer);
      const wakeAt = nextLook(step.value, inFlight.size > 0);
      if (wakeAt !== undefined) {
        const inMs = Math.min(Math.max(0, wakeAt - input.clock.now()), LONGEST_TIMER_MS);
        timer = setTimeout(() => mailbox.post({ kind: 'time' }), inMs);
      } else if (inFlight.size === 0) {
        return { kind: 'waiting', state };
      }
      incoming = await nextEvents();
    }
  } finally {
    clearTimeout(timer);
    stopListening();
    abortAll('over');
    await Promise.allSettled(running);
  }

  function report(events: readonly RunEventBody[]): void {
    mailbox.post({ kind: 'events', events });
  }

  function launch(key: string, work: Work): void {
    const controller = new AbortController();
    inFlight.set(key, { work, controller });
    const done = input.work.perform(work, state, controller.signal, report).then(
      (result) => mailbox.post({ kind: 'done', key, result }),
      (error: unknown) => mailbox.fail(error),
    );
    running.add(done);
    void done.then(() => running.delete(done));
  }

  /** Of the next message, and of all work that ended in the same turn of the process: they share one write. */
  async function nextEvents(): Promise<RunEventBody[]> {
    const message = await mailbox.next();
    if (message.kind !== 'done') return take(message);
    const events = take(message);
    if (inFlight.size > 0) await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const more = mailbox.take(({ kind }) => kind === 'done');
      if (more === undefined) return events;
      events.push(...take(more));
    }
  }

  function take(message: Message): RunEventBody[] {
    switch (message.kind) {
      case 'time':
        return [];
      case 'done':
        return landed(message.key, message.result);
      case 'events':
        return [...message.events];
      case 'stop':
        return stopped(message.code, [stopRequested(message)]);
      case 'request': {
        const events = eventsForRequest(state, message.request, input.clock.now());
        const stop = events.find((event) => event.type === 'stop.requested');
        return stop === undefined ? events : stopped(stop.code, events);
      }
    }
  }

  function stopped(code: string, events: RunEventBody[]): RunEventBody[] {
    abortAll(state.stopRequested === undefined ? 'stop' : 'kill');
    return isNews(state, code) ? events : [];
  }

  function landed(key: string, result: Result<readonly RunEventBody[]>): RunEventBody[] {
    const flight = inFlight.get(key);
    const work = flight?.work;
    inFlight.delete(key);
    if (result.ok && result.value.length > 0) return [...result.value];
    if (result.ok) {
      // What a limit ended is wanted again as soon as the limit is no longer reached.
      if (flight?.controller.signal.reason !== 'limit') declined.add(key);
      return abandoned(work, 'it was not made');
    }
    abortAll('failed');
    return [...abandoned(work, result.error.message), workFailed(result.error)];
  }

  function abortAll(reason: 'stop' | 'kill' | 'failed' | 'limit' | 'over'): void {
    for (const { controller } of inFlight.values()) controller.abort(reason);
  }
}

/** Node's timers cannot wait longer, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When to look again. A deadline of people is looked at while something else is at work; nobody stays awake for it. */
function nextLook({ wakeAt, idleUntil }: Step, isBusy: boolean): number | undefined {
  if (!isBusy && wakeAt === undefined) return undefined;
  if (wakeAt === undefined || idleUntil === undefined) return wakeAt ?? idleUntil;
  return Math.min(wakeAt, idleUntil);
}

/** The first wish to stop counts, but a wish to cancel goes above one to pause. */
function isNews(state: RunState, code: string): boolean {
  if (state.stopRequested === undefined) return true;
  return isCancel(code) && !isCancel(state.stopRequested);
}

/** Work that was begun and of which nothing came does not stay at work: what a rollback has still to do is done later. */
function abandoned(work: Work | undefined, reason: string): RunEventBody[] {
  if (work?.kind === 'undo') {
    const { rollbackId, stage } = work;
    return [{ type: 'rollback.step.finished', rollbackId, stage, status: 'interrupted', message: reason }];
  }
  if (work?.kind !== 'attempt') return [];
  const { stage, frame, attempt } = work;
  return [{ type: 'attempt.abandoned', stage, frame, attempt, reason }];
}

function workFailed(problem: Problem): RunEventBody {
  const place = problem.file === undefined ? '' : `${problem.file}: `;
  const code = reasonFor(problem.code);
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return { type: 'work.failed', code, message: `${place}${problem.message}${hint}` };
}

/** Problems of git are a dependency's; what has no reason code of its own went wrong while writing. */
function reasonFor(code: string): string {
  if (/^(SYS|DEP)_[A-Z_]+$/.test(code)) return code;
  return code.startsWith('git-') || code === 'no-git' || code === 'no-identity' || code === 'commit-refused'
    ? 'DEP_GIT_FAIL'
    : 'SYS_WRITE_ERROR';
}

function stopRequested(message: Extract<Outside, { kind: 'stop' }>): RunEventBody {
  return {
    type: 'stop.requested',
    code: message.code,
    ...(message.requestId === undefined ? {} : { requestId: message.requestId }),
    ...(message.actor === undefined ? {} : { actor: message.actor }),
  };
}
