import { join } from 'node:path';
import { readFeatureId } from '../../core/feature/feature-id.ts';
import { featurePaths, storyPaths } from '../../core/feature/paths.ts';
import { routeStories } from '../../core/feature/routing.ts';
import { failureRates } from '../../core/history/failure-rates.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { apply, replay } from '../../core/run/apply.ts';
import type { RunEvent, RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { sweepMarked } from '../../edges/process/sweep.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { lastEntries } from '../../edges/recorder/read.ts';
import { createRunStore } from '../../edges/store/run-store.ts';
import { WRITE_SYSTEM_SPECIFICATION } from '../../engine/feature/system-specification.ts';
import type { HeldRun, ProjectFiles } from '../../engine/ports.ts';
import { takeOverEvents } from '../../engine/take-over.ts';
import { answerEvent } from './answer-event.ts';
import { briefPathOf, keepBrief, placeBrief } from './brief.ts';
import type { Project } from './project.ts';
import { type FeatureOptions, settingsForResume, settingsFrom } from './settings.ts';

/** A run that this process owns, with its state as of the journal. */
export interface OpenRun {
  readonly run: HeldRun;
  readonly state: RunState;
  /** What opening it added to the journal. */
  readonly opened: readonly RunEvent[];
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
  /** The project has no system specification, and its owner wants alex to write one. */
  readonly writeSystemSpecification: boolean;
}

/** Creates a run: checkpoint of the working tree first, then the journal, then the brief. */
export async function createRun(input: NewRunInput): Promise<Result<OpenRun>> {
  const { project, slug, pipeline } = input;
  const files = createProjectFiles(project.root);
  const existing = await files.read(featurePaths(slug).specification);
  if (!existing.ok) return existing;
  const retry = readConfig(project.stateDirectory, 'retry');
  if (!retry.ok) return retry;
  const costs = readConfig(project.stateDirectory, 'cost');
  if (!costs.ok) return costs;
  const feedback = readConfig(project.stateDirectory, 'feedback');
  if (!feedback.ok) return feedback;
  const executionId = systemClock.id();
  const base = await project.repository.checkpoint(`${executionId}/base`, `before ${slug}`);
  if (!base.ok) return base;
  const created = createRunStore(project.stateDirectory).create(executionId);
  if (!created.ok) return created;
  const kept = keepBrief(created.value.directory, input.brief);
  if (!kept.ok) {
    created.value.release();
    return kept;
  }
  const history = lastEntries(join(project.stateDirectory, 'pipeline-history.json'), retry.value.window);
  const stories = input.options.stories ?? (await storiesThatAreThere(input, files, existing.value));
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
      settings: settingsFrom(input.options, costs.value, feedback.value),
      variables: {
        ...(stories === undefined ? {} : { stories }),
        ...(input.writeSystemSpecification ? { [WRITE_SYSTEM_SPECIFICATION]: 'yes' } : {}),
      },
      failureRates: history.ok ? failureRates(history.value) : {},
      retry: retry.value,
      workingTree: project.root,
      base: { commit: base.value.commit, tree: base.value.tree },
      head: project.tree.head,
      dirty: [...project.tree.dirty],
      version: input.version,
    },
    // The segment comes last: a run whose beginning was cut off is seen to have none.
    ...notSelected(pipeline, input.from),
    { type: 'segment.started', previousRunId: null },
  ]);
  if (!opened.ok) {
    created.value.release();
    return opened;
  }
  return withBrief(opened.value, files);
}

/** Puts the brief into the feature's directory, where its agents find it. Releases the run when it fails. */
export async function withBrief(open: OpenRun, files: ProjectFiles): Promise<Result<OpenRun>> {
  const placed = await placeBrief(open.run.directory, open.state, files);
  if (placed.ok) return ok(open);
  open.run.release();
  return placed;
}

/**
 * A run that begins after alex has nobody to judge the specification: stories that are there say it, else the
 * specification itself.
 */
async function storiesThatAreThere(
  { pipeline, from, slug }: NewRunInput,
  files: ProjectFiles,
  specification: string | undefined,
): Promise<'yes' | 'no' | undefined> {
  if (from === undefined || from === pipeline.stages[0]?.name || specification === undefined)
    return undefined;
  const { directory } = featurePaths(slug);
  const names = await files.list(directory);
  if (
    storyPaths(
      names.map((name) => `${directory}/${name}`),
      slug,
    ).length > 0
  )
    return 'yes';
  return routeStories(specification).withStories ? 'yes' : 'no';
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
 * a new segment with an id of its own; a crashed one keeps its id. Releases the run when it fails.
 */
export function continueRun({ run, state }: OpenRun, options: Partial<FeatureOptions>): Result<OpenRun> {
  const settings = settingsForResume(state.settings, options, state.code === 'PAUSED_AFTER_STAGE');
  const over = state.phase === 'paused' || state.phase === 'failed';
  const asked = requested(run, state);
  const events: RunEventBody[] = over
    ? [{ type: 'segment.started', previousRunId: state.runId, settings }, ...asked.events]
    : [...begun(state), ...takeOverEvents(state), ...asked.events];
  if (events.length === 0) {
    state.settings = settings;
    return ok({ run, state, opened: [] });
  }
  const opened = record(run, over ? systemClock.id() : state.runId, state, events);
  if (!opened.ok) {
    run.release();
    return opened;
  }
  for (const id of asked.ids) run.settle(id);
  if (!over) opened.value.state.settings = settings;
  return opened;
}

/** A run that was killed between its first event and the start of its segment has still to begin. */
function begun(state: RunState): RunEventBody[] {
  return state.phase === 'pending' ? [{ type: 'segment.started', previousRunId: null }] : [];
}

/** What was asked of the run while nobody owned it, with the requests to be settled once it is in the journal. */
function requested(
  run: HeldRun,
  state: RunState,
): { readonly events: RunEventBody[]; readonly ids: readonly string[] } {
  const requests = run.requests();
  const ids = requests.map((request) => request.id);
  const cancel = requests.find((request) => request.kind === 'cancel');
  if (cancel !== undefined) {
    const { id, actor } = cancel;
    return { ids, events: [{ type: 'stop.requested', code: 'USER_CANCELLED', requestId: id, actor }] };
  }
  for (const request of requests) {
    const answer = request.kind === 'answer' ? answerEvent(state, request.text ?? '', request.id) : undefined;
    if (answer !== undefined) return { ids, events: [answer] };
  }
  return { ids, events: [] };
}

/** Ends a run that is not to be continued, because its owner died or a new run replaces it; `wasOpen` unless it had ended by itself before. */
export async function endLostRun(
  stateDirectory: string,
  executionId: string,
): Promise<Result<OpenRun & { readonly wasOpen: boolean }>> {
  const taken = await takeRun(stateDirectory, executionId);
  if (!taken.ok) return taken;
  const { run, state } = taken.value;
  if (state.endedAt !== undefined) return ok({ run, state, opened: [], wasOpen: false });
  const ended: RunEventBody = run.tookOver
    ? { type: 'run.finished', status: 'failed', code: 'SYS_OWNER_LOST' }
    : { type: 'run.finished', status: 'cancelled', code: 'SUPERSEDED' };
  const opened = record(run, state.runId, state, [...takeOverEvents(state), ended]);
  if (opened.ok) return ok({ ...opened.value, wasOpen: true });
  run.release();
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
  return ok({ run, state: folded, opened: written.value });
}

function emptyJournal(executionId: string, directory: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: `the journal of run ${executionId} holds nothing: it was cut off before the run began`,
    file: join(directory, 'journal.jsonl'),
    hint: 'start the feature again with --restart',
  };
}
