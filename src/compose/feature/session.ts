import { join } from 'node:path';
import type { AgentEvent } from '../../core/agent/event.ts';
import { featurePaths, storyNameOf } from '../../core/feature/paths.ts';
import type { HistoryEntry } from '../../core/history/entry.ts';
import { entryFromRun } from '../../core/history/from-run.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { type StatusChange, statusDocument } from '../../core/status/document.ts';
import type { RunDataStage } from '../../core/telemetry/run-data.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { killAllSupervised } from '../../edges/process/live-trees.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { appendEntry } from '../../edges/recorder/append.ts';
import { removeScratch } from '../../edges/store/attempt-places.ts';
import { type DriveEnd, drive, type Outside } from '../../engine/drive.ts';
import { createFeatureWork } from '../../engine/feature/feature-work.ts';
import type { FeatureWorld } from '../../engine/feature/world.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { createTelemetry, type Telemetry } from '../telemetry.ts';
import { answerEvent } from './answer-event.ts';
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
  const { run, state, world, watcher } = input;
  let statuses: readonly StatusChange[] = [];
  let signalled: NodeJS.Signals | undefined;
  const publish = (events: readonly RunEvent[]): void => {
    const document = statusDocument(state, statuses);
    statuses = document.status_history;
    const written = run.snapshot(document);
    if (!written.ok) watcher.warn(written.error);
    watcher.events(events, state);
  };
  publish([]);
  await input.telemetryStarted;
  const end = await drive({
    run,
    state,
    work: createFeatureWork(world),
    clock: systemClock,
    onEvents: publish,
    listen(deliver) {
      const stopSignals = input.onSignal((code, signal) => {
        if (signalled !== undefined) killAllSupervised();
        signalled = signal;
        deliver({ kind: 'stop', code });
      });
      const stopRequests = watchRequests(run, state, deliver);
      return () => {
        stopSignals();
        stopRequests();
      };
    },
  });
  if (end.kind === 'ended') {
    removeScratch(run.directory);
    await closeBooks(input, telemetry, publish);
  }
  return { end, ...(signalled === undefined ? {} : { signal: signalled }) };
}

/** History and telemetry of an ended segment. Neither can change how the run ended. */
async function closeBooks(
  input: SessionInput,
  telemetry: Telemetry,
  publish: (events: readonly RunEvent[]) => void,
): Promise<void> {
  const { state } = input;
  const entry = entryFromRun(state);
  if (entry === undefined) return;
  if (state.settings.recordHistory) {
    const problem = recordOnce(input.run, input.project.stateDirectory, state, entry, publish);
    if (problem !== undefined) input.watcher.warn(problem);
  }
  await telemetry.atRunEnd({
    ...entry,
    featureId: entry.featureId ?? '',
    stages: telemetryStages(entry),
    feedback: state.settings.feedback ? feedbackOf(entry) : {},
    identity: await identityOf(input),
    artifacts: await artifactsOf(input.world, entry.slug),
  });
}

/** Appends the entry and notes in the journal that it is there, so that nobody appends it again after a crash. */
function recordOnce(
  run: HeldRun,
  stateDirectory: string,
  state: RunState,
  entry: HistoryEntry,
  publish: (events: readonly RunEvent[]) => void,
): Problem | undefined {
  const appended = appendEntry(join(stateDirectory, 'pipeline-history.json'), entry);
  if (!appended.ok) {
    const { error } = appended;
    return { ...error, message: `the run could not be added to the history: ${error.message}` };
  }
  const noted = run.advance(state.runId, new Date(systemClock.now()).toISOString(), [
    { type: 'history.recorded' },
  ]);
  if (!noted.ok) return noted.error;
  state.historyRecorded = true;
  publish(noted.value);
  return undefined;
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

function feedbackOf(entry: HistoryEntry): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry.stages).flatMap(([name, stage]) =>
      stage?.feedback === undefined ? [] : [[name, stage.feedback]],
    ),
  );
}

function telemetryStages(entry: HistoryEntry): Record<string, RunDataStage> {
  const stages: Record<string, RunDataStage> = {};
  for (const [name, stage] of Object.entries(entry.stages)) {
    if (stage === undefined) continue;
    const { status = 'success', startedAt, completedAt, durationMs, attempts, tokens, cost } = stage;
    const counts = Object.entries(tokens ?? {}).filter(
      (pair): pair is [string, number] => typeof pair[1] === 'number',
    );
    stages[name] = {
      status,
      startedAt,
      completedAt,
      durationMs,
      ...(attempts === undefined ? {} : { attempts }),
      ...(tokens === undefined ? {} : { tokens: Object.fromEntries(counts) }),
      ...(cost === undefined ? {} : { cost }),
    };
  }
  return stages;
}

async function identityOf({ project, state }: SessionInput) {
  const { name, email, remoteUrl } = await project.repository.identity();
  return {
    version: state.created.version,
    ...(name === undefined ? {} : { gitUser: name }),
    ...(email === undefined ? {} : { gitEmail: email }),
    ...(remoteUrl === undefined ? {} : { repoUrl: remoteUrl }),
  };
}

/** FEATURE_SPEC.md and every story, as they are now. */
async function artifactsOf(world: FeatureWorld, slug: string): Promise<Record<string, string>> {
  const files = createProjectFiles(world.root);
  const paths = featurePaths(slug);
  const names = await files.list(paths.directory);
  const wanted = names.filter(
    (name) => name === 'FEATURE_SPEC.md' || storyNameOf(`${paths.directory}/${name}`, slug) !== undefined,
  );
  const artifacts: Record<string, string> = {};
  for (const name of wanted) {
    const read = await files.read(`${paths.directory}/${name}`);
    if (read.ok && read.value !== undefined) artifacts[name] = read.value;
  }
  return artifacts;
}
