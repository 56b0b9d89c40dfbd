import { join } from 'node:path';
import type { AgentEvent } from '../../core/agent/event.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { type StatusChange, statusDocument } from '../../core/status/document.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { killAllSupervised } from '../../edges/process/live-trees.ts';
import { removeScratch } from '../../edges/store/attempt-places.ts';
import { type DriveEnd, drive, type Outside } from '../../engine/drive.ts';
import { createFeatureWork } from '../../engine/feature/feature-work.ts';
import type { FeatureWorld } from '../../engine/feature/world.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { createTelemetry, type Telemetry } from '../telemetry.ts';
import { answerEvent } from './answer-event.ts';
import { closeBooks } from './books.ts';
import { knownRun } from './find-run.ts';
import type { Project } from './project.ts';

/** Who watches a run: the terminal, a stream of events, nobody. */
export interface Watcher {
  events(events: readonly RunEvent[], state: RunState): void;
  agent(stage: string, frame: number, attempt: number, event: AgentEvent): void;
  warn(problem: Problem): void;
}

export interface SessionInput {
  readonly project: Project;
  readonly run: HeldRun;
  readonly state: RunState;
  /** Events with which the run was opened, for whoever watches. */
  readonly opened: readonly RunEvent[];
  readonly world: FeatureWorld;
  readonly watcher: Watcher;
  /** Delivers Ctrl+C and its kind; a second one ends everything at once. */
  readonly onSignal: (deliver: (code: 'USER_INTERRUPT', signal: NodeJS.Signals) => void) => () => void;
  readonly telemetryStarted: Promise<void>;
}

export interface SessionResult {
  readonly end: DriveEnd;
  readonly signal?: NodeJS.Signals;
}

const REQUEST_POLL_MS = 1_000;

/** The project's telemetry; made before anything else, so that waiting deliveries get their head start. */
export function telemetryOf(project: Project): Telemetry {
  return createTelemetry({ stateDir: project.stateDirectory, dotenvPath: join(project.mainRoot, '.env') });
}

/** Drives a run to its end or its next stop; recorder, status and telemetry are readers of its events. */
export async function runSession(input: SessionInput, telemetry: Telemetry): Promise<SessionResult> {
  const { project, run, state, world, watcher } = input;
  let statuses = statusesBefore(project.stateDirectory, run.executionId);
  let signalled: NodeJS.Signals | undefined;
  const publish = (events: readonly RunEvent[]): void => {
    const document = statusDocument(state, statuses);
    statuses = document.status_history;
    const written = run.snapshot(document);
    if (!written.ok) watcher.warn(written.error);
    watcher.events(events, state);
  };
  publish(input.opened);
  await input.telemetryStarted;
  let stop: ((message: Outside) => void) | undefined;
  // Heard until the books are closed: a signal in the last moment must not cost the history entry.
  const stopSignals = input.onSignal((code, signal) => {
    if (signalled !== undefined) killAllSupervised();
    signalled = signal;
    stop?.({ kind: 'stop', code });
  });
  try {
    const end = await drive({
      run,
      state,
      work: createFeatureWork(world),
      clock: systemClock,
      onEvents: publish,
      listen(deliver) {
        stop = deliver;
        return watchRequests(run, state, deliver);
      },
    });
    if (end.kind === 'ended') {
      tidyUp(run.directory);
      await closeBooks({ project, run, state, telemetry, publish, warn: watcher.warn });
    }
    return { end, ...(signalled === undefined ? {} : { signal: signalled }) };
  } finally {
    stopSignals();
  }
}

/** The statuses that an earlier owner wrote down, so that a continued run keeps them. */
function statusesBefore(stateDirectory: string, executionId: string): readonly StatusChange[] {
  return knownRun(stateDirectory, executionId)?.document.status_history ?? [];
}

function tidyUp(directory: string): void {
  try {
    removeScratch(directory);
  } catch {
    // Temporary files on a disk that refuses change nothing about how the run ended.
  }
}

/** Requests from other processes, looked for once a second while the run goes on. */
function watchRequests(run: HeldRun, state: RunState, deliver: (message: Outside) => void): () => void {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const request of run.requests()) {
      if (seen.has(request.id)) continue;
      seen.add(request.id);
      const event =
        request.kind === 'answer' ? answerEvent(state, request.text ?? '', request.id) : undefined;
      if (event !== undefined) deliver({ kind: 'events', events: [event] });
      if (request.kind === 'pause')
        deliver({ kind: 'stop', code: 'USER_INTERRUPT', requestId: request.id, actor: request.actor });
      if (request.kind === 'cancel')
        deliver({ kind: 'stop', code: 'USER_CANCELLED', requestId: request.id, actor: request.actor });
      run.settle(request.id);
    }
  }, REQUEST_POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
