import { join } from 'node:path';
import { readFeatureId } from '../../core/feature/feature-id.ts';
import { featurePaths } from '../../core/feature/paths.ts';
import { failureRates } from '../../core/history/failure-rates.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { apply, replay } from '../../core/run/apply.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { sweepMarked } from '../../edges/process/sweep.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { lastEntries } from '../../edges/recorder/read.ts';
import { createRunStore } from '../../edges/store/run-store.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { takeOverEvents } from '../../engine/take-over.ts';
import { answerEvent } from './answer-event.ts';
import { briefPathOf } from './brief.ts';
import type { Project } from './project.ts';
import { type FeatureOptions, settingsForResume, settingsFrom } from './settings.ts';

/** A run that this process owns, with its state as of the journal. */
export interface OpenRun {
  readonly run: HeldRun;
  readonly state: RunState;
}

export interface NewRunInput {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly slug: string;
  readonly brief: string | undefined;
  readonly options: FeatureOptions;
  /** Stages before this one are taken as they are. */
  readonly from: string | undefined;
  readonly version: string;
}

/** Creates a run: checkpoint of the working tree first, then the journal, then the brief. */
export async function createRun(input: NewRunInput): Promise<Result<OpenRun>> {
  const { project, slug, pipeline } = input;
  const files = createProjectFiles(project.root);
  const existing = await files.read(featurePaths(slug).specification);
  if (!existing.ok) return existing;
  const retry = readConfig(project.stateDirectory, 'retry');
  if (!retry.ok) return retry;
  const executionId = systemClock.id();
  const base = await project.repository.checkpoint(`${executionId}/base`, `before ${slug}`);
  if (!base.ok) return base;
  const created = createRunStore(project.stateDirectory).create(executionId);
  if (!created.ok) return created;
  const history = lastEntries(join(project.stateDirectory, 'pipeline-history.json'), retry.value.window);
  const { stories } = input.options;
  const opened = record(created.value, executionId, undefined, [
    {
      type: 'run.created',
      pipeline: structuredClone(pipeline) as Extract<RunEventBody, { type: 'run.created' }>['pipeline'],
      feature: {
        slug,
        featureId:
          (existing.value === undefined ? undefined : readFeatureId(existing.value)) ?? systemClock.id(),
        briefPath: briefPathOf(slug),
      },
      settings: settingsFrom(input.options),
      variables: stories === undefined ? {} : { stories },
      failureRates: history.ok ? failureRates(history.value) : {},
      retry: retry.value,
      workingTree: project.root,
      base: { ...base.value },
      head: project.tree.head,
      dirty: [...project.tree.dirty],
      version: input.version,
    },
    { type: 'segment.started', previousRunId: null },
    ...notSelected(pipeline, input.from),
  ]);
  if (!opened.ok) {
    created.value.release();
    return opened;
  }
  if (input.brief !== undefined) {
    const written = await files.write(briefPathOf(slug), input.brief);
    if (!written.ok) {
      created.value.release();
      return written;
    }
  }
  return opened;
}

function notSelected(pipeline: Pipeline, from: string | undefined): RunEventBody[] {
  const index = pipeline.stages.findIndex((stage) => stage.name === from);
  return pipeline.stages.slice(0, Math.max(0, index)).map((stage) => ({
    type: 'stage.skipped',
    stage: stage.name,
    reason: 'NOT_SELECTED',
    detail: `the run was asked to start from ${from ?? ''}`,
  }));
}

/**
 * Takes a run over to continue it. What was in flight when its owner died is recorded as abandoned, and what its
 * agents left running is ended. An ended run gets a new segment with an id of its own; a crashed one keeps its id.
 */
export async function continueRun(
  project: Pick<Project, 'stateDirectory'>,
  executionId: string,
  options: Partial<FeatureOptions>,
): Promise<Result<OpenRun>> {
  const taken = createRunStore(project.stateDirectory).take(executionId);
  if (!taken.ok) return taken;
  const run = taken.value;
  const state = replay(run.events);
  if (state === undefined) {
    run.release();
    return fail(emptyJournal(executionId, run.directory));
  }
  await sweepMarked(`${executionId}/`);
  const settings = settingsForResume(state.settings, options);
  const over = state.phase === 'paused' || state.phase === 'failed';
  const events: RunEventBody[] = over
    ? [{ type: 'segment.started', previousRunId: state.runId, settings }]
    : [...takeOverEvents(state), ...requested(run, state)];
  if (events.length === 0) {
    state.settings = settings;
    return ok({ run, state });
  }
  const opened = record(run, over ? systemClock.id() : state.runId, state, events);
  if (!opened.ok) {
    run.release();
    return opened;
  }
  if (!over) opened.value.state.settings = settings;
  for (const request of run.requests()) run.settle(request.id);
  return opened;
}

/** What was asked of the run while nobody owned it; settled once it is in the journal. */
function requested(run: HeldRun, state: RunState): RunEventBody[] {
  for (const request of run.requests()) {
    if (request.kind === 'cancel') {
      return [
        { type: 'stop.requested', code: 'USER_CANCELLED', requestId: request.id, actor: request.actor },
      ];
    }
    const answer = request.kind === 'answer' ? answerEvent(state, request.text ?? '', request.id) : undefined;
    if (answer !== undefined) return [answer];
  }
  return [];
}

/** Ends a run whose owner is gone, when it is not to be continued. Undefined if there was nothing to end. */
export function endLostRun(stateDirectory: string, executionId: string): Result<OpenRun | undefined> {
  const taken = createRunStore(stateDirectory).take(executionId);
  if (!taken.ok) return taken;
  const state = replay(taken.value.events);
  if (state === undefined || state.endedAt !== undefined) {
    taken.value.release();
    return ok(undefined);
  }
  const ended: RunEventBody = { type: 'run.finished', status: 'failed', code: 'SYS_OWNER_LOST' };
  const opened = record(taken.value, state.runId, state, [...takeOverEvents(state), ended]);
  if (!opened.ok) taken.value.release();
  return opened;
}

function record(
  run: HeldRun,
  runId: string,
  state: RunState | undefined,
  bodies: readonly RunEventBody[],
): Result<OpenRun> {
  const written = run.advance(runId, new Date(systemClock.now()).toISOString(), bodies);
  if (!written.ok) return written;
  let folded = state;
  for (const event of written.value) folded = apply(folded, event);
  if (folded === undefined) throw new Error('a run begins with an event');
  return ok({ run, state: folded });
}

function emptyJournal(executionId: string, directory: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: `the journal of run ${executionId} holds nothing: it was cut off before the run began`,
    file: join(directory, 'journal.jsonl'),
    hint: 'start the feature again with --restart',
  };
}
