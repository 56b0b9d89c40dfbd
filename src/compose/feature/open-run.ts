import { join } from 'node:path';
import { readFeatureId } from '../../core/feature/feature-id.ts';
import { featurePaths, storyPaths } from '../../core/feature/paths.ts';
import { routeStories } from '../../core/feature/routing.ts';
import { failureRates } from '../../core/history/failure-rates.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody, RunSettings } from '../../core/run/event.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { lastEntries } from '../../edges/recorder/read.ts';
import { createRunStore } from '../../edges/store/run-store.ts';
import { WRITE_SYSTEM_SPECIFICATION } from '../../engine/feature/system-specification.ts';
import type { ProjectFiles } from '../../engine/ports.ts';
import { takeOverEvents } from '../../engine/take-over.ts';
import { type OpenRun, record, takeRun } from '../open-run.ts';
import type { TaskLink } from '../tasks/run-link.ts';
import { writeRunTask } from '../tasks/run-task.ts';
import { briefPathOf, keepBrief, placeBrief } from './brief.ts';
import type { Project } from './project.ts';
import type { FeatureOptions } from './settings.ts';

export interface NewRunInput {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly slug: string;
  readonly brief: string | undefined;
  readonly settings: RunSettings;
  /** As the user asked; undefined: as the feature needs them. */
  readonly stories: FeatureOptions['stories'];
  /** Stages before this one are taken as they are. */
  readonly from: string | undefined;
  readonly task: TaskLink | undefined;
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
  const executionId = systemClock.id();
  const base = await project.repository.checkpoint(`${executionId}/base`, `before ${slug}`);
  if (!base.ok) return base;
  const created = createRunStore(project.stateDirectory).create(executionId);
  if (!created.ok) return created;
  const kept = keepWith(created.value.directory, input);
  if (!kept.ok) {
    created.value.release();
    return kept;
  }
  const history = lastEntries(join(project.stateDirectory, 'pipeline-history.json'), retry.value.window);
  const stories = input.stories ?? (await storiesThatAreThere(input, files, existing.value));
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
      settings: input.settings,
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

/** What a run keeps beside its journal, from before its first event. */
function keepWith(directory: string, { brief, task }: NewRunInput): Result<void> {
  const kept = keepBrief(directory, brief);
  return kept.ok && task !== undefined ? writeRunTask(directory, { link: task, recorded: 0 }) : kept;
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
