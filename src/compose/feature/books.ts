import { join } from 'node:path';
import { featurePaths, storyNameOf } from '../../core/feature/paths.ts';
import type { HistoryEntry } from '../../core/history/entry.ts';
import { entryFromRun } from '../../core/history/from-run.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import type { RunDataStage } from '../../core/telemetry/run-data.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { appendEntry } from '../../edges/recorder/append.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { recordDiagnostic } from '../diagnostics.ts';
import { traceSegment } from '../otel.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Project } from './project.ts';

/** An ended segment whose history entry, telemetry and trace are due. */
export interface BooksInput {
  readonly project: Project;
  readonly run: HeldRun;
  readonly state: RunState;
  readonly telemetry: Telemetry;
  readonly warn: (problem: Problem) => void;
  /** Called with what this adds to the journal. */
  readonly publish: (events: readonly RunEvent[]) => void;
}

/** Diagnostic, history, telemetry and trace of an ended segment. None of them can change how the run ended. */
export async function closeBooks(input: BooksInput): Promise<void> {
  const { state, project, telemetry } = input;
  const noted = await recordDiagnostic(input);
  if (noted.length > 0) input.publish(noted);
  const entry = entryFromRun(state);
  if (entry === undefined) return;
  recordIfDue(input, entry);
  // Both wait at the same time, where they are to be waited for.
  const traced = trace(input);
  await telemetry.atRunEnd({
    ...entry,
    featureId: entry.featureId ?? '',
    stages: telemetryStages(entry),
    feedback: state.settings.feedback ? feedbackOf(entry) : {},
    identity: await identityOf(input),
    artifacts: await artifactsOf(project.root, entry.slug),
  });
  await traced;
}

/**
 * What the owner before left undone: it died after the run had ended and before its books were closed, or could not
 * write the history then. A repeated entry or delivery is told by its runId.
 */
export async function closeBooksOfEarlier(input: BooksInput): Promise<void> {
  const { state, run } = input;
  if (state.endedAt === undefined) return;
  if (run.tookOver) return closeBooks(input);
  const entry = entryFromRun(state);
  if (entry !== undefined && !state.historyRecorded) recordIfDue(input, entry);
  await trace(input);
}

function trace({ project, run, state, warn }: BooksInput): Promise<void> {
  return traceSegment({ stateDirectory: project.stateDirectory, directory: run.directory, state, warn });
}

function recordIfDue(input: BooksInput, entry: HistoryEntry): void {
  if (!input.state.settings.recordHistory) return;
  const problem = recordOnce(input, entry);
  if (problem !== undefined) input.warn(problem);
}

/** Appends the entry and notes in the journal that it is there, so that nobody appends it again after a crash. */
function recordOnce({ run, project, state, publish }: BooksInput, entry: HistoryEntry): Problem | undefined {
  const appended = appendEntry(join(project.stateDirectory, 'pipeline-history.json'), entry);
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

async function identityOf({ project, state }: BooksInput) {
  const { name, email, remoteUrl } = await project.repository.identity();
  return {
    version: state.created.version,
    ...(name === undefined ? {} : { gitUser: name }),
    ...(email === undefined ? {} : { gitEmail: email }),
    ...(remoteUrl === undefined ? {} : { repoUrl: remoteUrl }),
  };
}

/** FEATURE_SPEC.md and every story, as they are now. */
async function artifactsOf(root: string, slug: string): Promise<Record<string, string>> {
  const files = createProjectFiles(root);
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
