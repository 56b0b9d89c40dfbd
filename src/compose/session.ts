import type { AgentEvent } from '../core/agent/event.ts';
import { createMasker, createValueMasker } from '../core/agent/mask.ts';
import type { Problem } from '../core/problem.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import type { StatusChange } from '../core/status/document.ts';
import { sha256 } from '../edges/clock/digest.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { killAllSupervised } from '../edges/process/live-trees.ts';
import { hideSecretsLeft, removeScratch } from '../edges/store/attempt-places.ts';
import { type DriveEnd, drive, type Outside, type StageWork } from '../engine/drive.ts';
import { maskedWork } from '../engine/masked-work.ts';
import type { HeldRun } from '../engine/ports.ts';
import { createFailureNote } from './failure-note.ts';
import { settleAnswered, watchRequests } from './run-requests.ts';
import { createStatusBoard } from './status-board.ts';
import { readKnownRun } from './stored-runs.ts';

/** Who watches a run: the terminal, a stream of events, nobody. */
export interface Watcher {
  events(events: readonly RunEvent[], state: RunState): void;
  agent(stage: string, frame: number, attempt: number, event: AgentEvent): void;
  warn(problem: Problem): void;
}

/** Delivers Ctrl+C and its kind; answers with a function that stops listening. */
export type OnSignal = (deliver: (code: 'USER_INTERRUPT', signal: NodeJS.Signals) => void) => () => void;

/** Tells readers and whoever watches of events that are durable. */
export type Publish = (events: readonly RunEvent[]) => void;

export interface SessionInput {
  readonly stateDirectory: string;
  readonly run: HeldRun;
  readonly state: RunState;
  /** Events with which the run was opened, for whoever watches. */
  readonly opened: readonly RunEvent[];
  readonly work: StageWork;
  /** Hidden in what is told of the work, and in what it left with the run. */
  readonly secrets: readonly string[];
  readonly watcher: Watcher;
  /** A second signal ends everything at once. */
  readonly onSignal: OnSignal;
  /** Comes between the signals being heard and the first stage; a problem keeps the run from being driven. */
  readonly before: (publish: Publish, stopped: Promise<void>) => Promise<Problem | undefined>;
  /** The run has ended, and its books are closed. */
  readonly atEnd: (publish: Publish) => Promise<void>;
}

export interface SessionResult {
  readonly end: DriveEnd;
  readonly signal?: NodeJS.Signals;
}

/** Drives a run to its end or its next stop; recorder, status and telemetry are readers of its events. */
export async function driveSession(input: SessionInput): Promise<SessionResult> {
  const { run, state, watcher } = input;
  const { warn } = watcher;
  const masks = { text: createMasker(input.secrets), value: createValueMasker(input.secrets) };
  let signalled: NodeJS.Signals | undefined;
  const board = createStatusBoard(run, state, statusesBefore(input.stateDirectory, run), warn);
  const failure = createFailureNote(run, state, warn);
  const publish = (events: readonly RunEvent[]): void => {
    const known = failure.holdBack(events);
    if (known === undefined) return;
    board.changed();
    settleAnswered(run, known);
    watcher.events(known, state);
  };
  publish(input.opened);
  let stop: ((message: Outside) => void) | undefined;
  let wake: (() => void) | undefined;
  const stopped = new Promise<void>((resolve) => {
    wake = resolve;
  });
  // Heard until the books are closed: a signal in the last moment must not cost the history entry.
  const stopSignals = input.onSignal((code, signal) => {
    if (signalled !== undefined) killAllSupervised();
    signalled = signal;
    wake?.();
    stop?.({ kind: 'stop', code });
  });
  try {
    const problem = await input.before(publish, stopped);
    if (problem !== undefined) {
      await failure.note(publish);
      return { end: { kind: 'broken', state, problem } };
    }
    const end = await drive({
      run,
      state,
      work: failure.listeningTo(maskedWork(input.work, masks)),
      clock: systemClock,
      digest: sha256,
      onEvents: publish,
      listen(deliver) {
        stop = deliver;
        // It came before anybody listened.
        if (signalled !== undefined) deliver({ kind: 'stop', code: 'USER_INTERRUPT' });
        return watchRequests(run, deliver);
      },
    });
    if (end.kind === 'ended') {
      quietly(() => removeScratch(run.directory));
      await failure.note(publish);
      await input.atEnd(publish);
    }
    return { end, ...(signalled === undefined ? {} : { signal: signalled }) };
  } finally {
    quietly(() => hideSecretsLeft(run.directory, masks.text));
    stopSignals();
  }
}

/**
 * The statuses of before, so that a continued run keeps them: as its last owner wrote them down, or out of the journal
 * where that cannot be read.
 */
function statusesBefore(stateDirectory: string, run: HeldRun): readonly StatusChange[] {
  if (run.events.length === 0) return [];
  const known = readKnownRun(stateDirectory, run.executionId);
  return known.ok ? known.value.run.document.status_history : [];
}

function quietly(tidyUp: () => void): void {
  try {
    tidyUp();
  } catch {
    // Temporary files on a disk that refuses change nothing about how the run ended.
  }
}
