import { decide } from '../core/decide/decide.ts';
import type { AttemptWork, Decision, UndoWork, Work } from '../core/decide/decision.ts';
import { endsWork } from '../core/decide/limits.ts';
import { ok, type Result } from '../core/result.ts';
import { apply } from '../core/run/apply.ts';
import { type Digest, sealed } from '../core/run/audit.ts';
import type { RunEvent, RunEventBody } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { isLate } from './late-result.ts';
import type { Clock, HeldRun } from './ports.ts';

/** Where a run's events are kept, and who is told of them. */
export interface Ledger {
  readonly run: Pick<HeldRun, 'epoch' | 'advance'>;
  readonly state: RunState;
  readonly clock: Pick<Clock, 'now'>;
  /** Who will do an attempt or undo a stage; recorded before it starts. */
  readonly started: (work: AttemptWork | UndoWork, state: RunState) => RunEventBody;
  readonly digest: Digest;
  /** Called after events are durable. */
  readonly onEvents: (events: readonly RunEvent[], state: RunState) => void;
}

/** What follows from a message, once the record of it is durable. */
export interface Step {
  readonly launch: readonly { readonly key: string; readonly work: Work }[];
  /** When to look again, in ms since the epoch. */
  readonly wakeAt?: number;
  /** The same, but nobody has to stay awake for it: a deadline of people. */
  readonly idleUntil?: number;
  /** A limit is reached: what is at work is to be ended. */
  readonly interrupt: boolean;
}

/** What is at work already, or was declined and is not begun again. */
export interface AtWork {
  readonly isTaken: (key: string) => boolean;
  readonly any: boolean;
}

/**
 * Folds what came in, lets the decider speak until nothing more follows, and makes all of it durable in one write.
 * The last word of a run is spoken only when nothing is at work any more, so that no result is lost to it.
 */
export function settle(ledger: Ledger, incoming: readonly RunEventBody[], atWork: AtWork): Result<Step> {
  const { state, clock } = ledger;
  const at = new Date(clock.now()).toISOString();
  const bodies: RunEventBody[] = [];
  const launch = new Map<string, Work>();
  let wakeAt: number | undefined;
  let idleUntil: number | undefined;
  let interrupt = false;
  const record = (unsealed: RunEventBody): void => {
    const body = sealed(unsealed, state.auditHead, at, ledger.digest);
    bodies.push(body);
    apply(state, { v: 1, seq: state.seq + 1, epoch: ledger.run.epoch, at, runId: state.runId, ...body });
  };
  /** True if the next decision may rest on what this one recorded. */
  const follow = (decision: Decision): boolean => {
    switch (decision.do) {
      case 'wait':
        if (decision.idle === true) idleUntil = Math.min(idleUntil ?? decision.until, decision.until);
        else wakeAt = Math.min(wakeAt ?? decision.until, decision.until);
        return false;
      case 'record':
        if (isLastWord(decision.event)) {
          launch.clear();
          if (atWork.any) {
            interrupt ||= decision.event.type === 'run.stopped' && endsWork(decision.event.code);
            return false;
          }
        }
        record(decision.event);
        return true;
      case 'interrupt': {
        interrupt = true;
        const unbegun = [...launch.values()].flatMap(neverBegun);
        launch.clear();
        for (const body of unbegun) record(body);
        return unbegun.length > 0;
      }
      case 'perform':
        if (atWork.isTaken(decision.key) || launch.has(decision.key)) return false;
        launch.set(decision.key, decision.work);
        if (decision.work.kind !== 'attempt' && decision.work.kind !== 'undo') return false;
        record(ledger.started(decision.work, state));
        return true;
    }
  };
  for (const body of incoming) if (!isLate(state, body)) record(body);
  let again = true;
  while (again) {
    wakeAt = undefined;
    idleUntil = undefined;
    interrupt = false;
    again = decide(state, clock.now()).some(follow);
  }
  if (bodies.length > 0) {
    const written = ledger.run.advance(state.runId, at, bodies);
    if (!written.ok) return written;
    ledger.onEvents(written.value, state);
  }
  return ok({
    launch: [...launch].map(([key, work]) => ({ key, work })),
    interrupt,
    ...(wakeAt === undefined ? {} : { wakeAt }),
    ...(idleUntil === undefined ? {} : { idleUntil }),
  });
}

/** What was recorded as started a moment ago, and will not be begun after all. */
function neverBegun(work: Work): RunEventBody[] {
  if (work.kind !== 'attempt') return [];
  const { stage, frame, attempt } = work;
  const message = 'a limit was reached before it began';
  return [{ type: 'attempt.generated', stage, frame, attempt, outcome: 'cancelled', message }];
}

/** True once the run has come to a word that only a new segment can follow. */
export function hasCome(state: RunState): boolean {
  return (
    state.phase === 'paused' ||
    state.phase === 'succeeded' ||
    state.phase === 'failed' ||
    state.phase === 'cancelled'
  );
}

function isLastWord(event: RunEventBody): boolean {
  return event.type === 'run.stopped' || event.type === 'run.finished';
}
