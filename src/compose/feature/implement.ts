import { join } from 'node:path';
import { runnerOrder } from '../../core/agent-role.ts';
import { checkStage } from '../../core/feature/contract.ts';
import { formatFinding } from '../../core/feature/finding.ts';
import { FEATURE_STAGES, featurePaths } from '../../core/feature/paths.ts';
import { SYSTEM_SPECIFICATION } from '../../core/feature/permission.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import { parsePipeline } from '../../core/pipeline/parse.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { statusDocument } from '../../core/status/document.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { ensureExcluded } from '../../edges/git/exclude.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { gatherEvidence } from '../../engine/feature/evidence.ts';
import type { FeatureWorld, Person } from '../../engine/feature/world.ts';
import { unknownCost } from '../known-costs.ts';
import { continueRun, type OpenRun, takeRun } from '../open-run.ts';
import { probeRunners } from '../probe-runners.ts';
import type { OnSignal, SessionResult, Watcher } from '../session.ts';
import { misnamedStage } from '../stage-options.ts';
import { recordAttempts } from '../tasks/record-attempt.ts';
import { linkedTask, type TaskLink } from '../tasks/run-link.ts';
import { closeBooks, closeBooksOfEarlier } from './books.ts';
import { findBrief } from './brief.ts';
import { earlierRunOf } from './earlier-run.ts';
import type { KnownRun } from './find-run.ts';
import { chooseModels, type ModelChoice, withoutAuto } from './model-auto.ts';
import { createRun, endLostRun, withBrief } from './open-run.ts';
import { openProject, type Project } from './project.ts';
import { runSession, telemetryOf } from './session.ts';
import { type FeatureOptions, settingsForResume, settingsFrom } from './settings.ts';
import { settleStack } from './stack.ts';
import { belongToTask, taskNamed } from './task-of-run.ts';
import { claimWorkingTree } from './tree-claim.ts';
import { createFeatureWorld } from './world.ts';

export interface FeatureRequest {
  readonly cwd: string;
  readonly stateDirectory: string | undefined;
  readonly slug: string;
  readonly worktree: boolean;
  /** Path, `-` for standard input, or undefined for the one that is there. */
  readonly brief: string | undefined;
  readonly restart: boolean;
  readonly from: string | undefined;
  /** Id of the task that the run belongs to; undefined for the one that is called like the feature, if there is one. */
  readonly task: string | undefined;
  readonly validate: boolean;
  readonly options: FeatureOptions;
  readonly version: string;
}

/** What a run needs of whoever started it. */
export interface Company {
  readonly person: Person;
  readonly watcher: Watcher;
  readonly onSignal: OnSignal;
  /** A finished run of this feature is there: begin anew? */
  readonly beginAnew: (run: KnownRun) => Promise<boolean>;
  /** Says that an earlier run is continued. */
  readonly continuing: (run: KnownRun) => void;
  /** Says which model each stage gets and why, where `--model auto` asked for it. */
  readonly choosing: (choices: readonly ModelChoice[]) => void;
  /** The project keeps tasks, and has none for this feature: where one is, it is told of every attempt. */
  readonly offerTask: (slug: string) => void;
  /** The project has no system specification: shall alex write one first? */
  readonly offerSystemSpecification: () => Promise<boolean>;
  /** Asks for a brief where none was given; undefined when there is nobody to ask. */
  readonly askBrief: () => Promise<string | undefined>;
}

/** The main job: starts or continues the run of a feature and drives it to its next stop. */
export async function implementFeature(
  request: FeatureRequest,
  company: Company,
): Promise<Result<SessionResult>> {
  const named = await taskNamed(request);
  if (!named.ok) return named;
  const project = await openProject({
    cwd: request.cwd,
    stateDirectory: request.stateDirectory,
    worktreeFor: request.worktree ? request.slug : undefined,
  });
  if (!project.ok) return project;
  if (project.value.warning !== undefined)
    company.watcher.warn({ code: 'state-elsewhere', message: project.value.warning });
  const claim = claimWorkingTree(project.value.stateDirectory, project.value.root, request.slug);
  if (!claim.ok) return claim;
  try {
    const earlier = earlierRunOf(project.value.stateDirectory, request.slug, project.value.root);
    if (!earlier.ok) return earlier;
    return await startOrContinue(project.value, request, company, earlier.value, named.value);
  } finally {
    claim.value.release();
  }
}

/** Continues a run by the id of its execution, in the working tree that it recorded. */
export async function resumeRun(
  input: {
    readonly known: KnownRun;
    readonly stateDirectory: string;
    readonly options: Partial<FeatureOptions>;
  },
  company: Company,
): Promise<Result<SessionResult>> {
  const { known, options } = input;
  const project = await openProject({
    cwd: known.document.workingTree,
    stateDirectory: input.stateDirectory,
  });
  if (!project.ok) return project;
  const claim = claimWorkingTree(
    project.value.stateDirectory,
    project.value.root,
    known.document.slug ?? known.document.pipeline,
  );
  if (!claim.ok) return claim;
  try {
    return await goOn(project.value, known, options, company);
  } finally {
    claim.value.release();
  }
}

async function startOrContinue(
  project: Project,
  request: FeatureRequest,
  company: Company,
  earlier: KnownRun | undefined,
  named: TaskLink | undefined,
): Promise<Result<SessionResult>> {
  const anew = request.restart || request.from !== undefined;
  if (earlier !== undefined) {
    const { phase } = earlier.document;
    const ended = phase === 'succeeded' || phase === 'cancelled';
    // A run whose owner died after its last event is finished first: its books are still open.
    if (!anew && (!ended || earlier.stored.owner.state === 'lost')) {
      company.continuing(earlier);
      await compareBrief(project, request, company);
      return goOn(project, earlier, request.options, company, named);
    }
    const left = await leaveBehind(project, earlier, company);
    if (!left.ok) return left;
    if (!anew && !(await company.beginAnew(earlier))) return fail(finished(request.slug, earlier));
  }
  const ignored = await ignoreOwnState(project);
  if (!ignored.ok) company.watcher.warn(ignored.error);
  return begin(project, request, company, named);
}

/** In a project that was never prepared by `init`, `git add -A` must not pick up journals and locks. */
async function ignoreOwnState(project: Project): Promise<Result<void>> {
  if (project.stateDirectory !== join(project.mainRoot, '.claude')) return ok(undefined);
  for (const directory of [
    '.claude/runs/',
    '.claude/.history-lock/',
    '.claude/.config-lock/',
    '.claude/.telemetry-lock/',
  ]) {
    const excluded = await ensureExcluded(project.mainRoot, directory);
    if (!excluded.ok) return excluded;
  }
  return ok(undefined);
}

/** A brief that was changed since is not read by a run that goes on: said, because it would be missed. */
async function compareBrief(project: Project, request: FeatureRequest, company: Company): Promise<void> {
  if (request.brief === undefined) return;
  const files = createProjectFiles(project.root);
  const given = await findBrief(request.brief, request.cwd, files, request.slug);
  const kept = await findBrief(undefined, request.cwd, files, request.slug);
  if (!given.ok || !kept.ok || kept.value === undefined || given.value === kept.value) return;
  company.watcher.warn({
    code: 'brief-kept',
    message: 'the run goes on with the brief it began with, not with the one given now',
    hint: '--restart begins anew with the new one',
  });
}

/** Before a run begins anew: the earlier one is ended if it never was, and its books are closed. */
async function leaveBehind(project: Project, earlier: KnownRun, company: Company): Promise<Result<void>> {
  const { executionId } = earlier.document;
  const ended = await endLostRun(project.stateDirectory, executionId);
  if (!ended.ok) {
    // What cannot be read stays as it is: the new run has a directory of its own.
    if (ended.error.code !== 'SYS_STATE_CORRUPT' && ended.error.code !== 'newer-version') return ended;
    company.watcher.warn(ended.error);
    return ok(undefined);
  }
  const { run, state, wasOpen } = ended.value;
  try {
    const books = { project, run, state, telemetry: telemetryOf(project), warn: company.watcher.warn };
    const publish = (): void => void run.snapshot(statusDocument(state, earlier.document.status_history));
    if (wasOpen) await closeBooks({ ...books, publish });
    else await closeBooksOfEarlier({ ...books, publish });
    const told = recordAttempts({ ...project, run, state, whose: 'all' });
    if (!told.ok) company.watcher.warn(told.error);
    publish();
  } finally {
    run.release();
  }
  return ok(undefined);
}

async function begin(
  project: Project,
  request: FeatureRequest,
  company: Company,
  named: TaskLink | undefined,
): Promise<Result<SessionResult>> {
  const telemetry = telemetryOf(project);
  const files = createProjectFiles(project.root);
  const brief = await findBrief(request.brief, request.cwd, files, request.slug);
  if (!brief.ok) return brief;
  const text = brief.value ?? (await company.askBrief());
  if (text === undefined && !(await files.exists(featurePaths(request.slug).specification)))
    return fail(noBrief(request.slug));
  const pipeline = await featurePipeline(project);
  if (!pipeline.ok) return pipeline;
  const misnamed = misnamedStage(request.options, pipeline.value);
  if (misnamed !== undefined) return fail(misnamed);
  const world = await worldOf(project, pipeline.value, company);
  if (!world.ok) return world;
  const ready = await checkBeforeStart(world.value, request, pipeline.value);
  if (!ready.ok) return ready;
  const task = named ?? linkedTask({ cwd: request.cwd, mainRoot: project.mainRoot }, request.slug);
  const models = chooseModels({
    pipeline: pipeline.value,
    options: request.options,
    world: world.value,
    stateDirectory: project.stateDirectory,
    root: task?.root ?? project.root,
    task: task?.id ?? request.slug,
    warn: company.watcher.warn,
  });
  const { roles, costs, feedback } = world.value;
  const settings = settingsFrom(models.options, costs, feedback);
  const untold = unknownCost({ pipeline: pipeline.value, settings, roles, costs });
  if (untold !== undefined) return fail(untold);
  if (models.choices.length > 0) company.choosing(models.choices);
  const writeSystemSpecification = await offersSystemSpecification(world.value, request, company);
  const telemetryStarted = telemetry.atRunStart();
  const open = await createRun({
    writeSystemSpecification,
    project,
    pipeline: pipeline.value,
    slug: request.slug,
    brief: text,
    settings,
    stories: request.options.stories,
    from: request.from,
    task,
    version: request.version,
  });
  if (!open.ok) return open;
  return finish(project, open.value, world.value, company, telemetry, telemetryStarted, request.from);
}

async function goOn(
  project: Project,
  known: KnownRun,
  options: Partial<FeatureOptions>,
  company: Company,
  named?: TaskLink,
): Promise<Result<SessionResult>> {
  const telemetry = telemetryOf(project);
  const telemetryStarted = telemetry.atRunStart();
  const taken = await takeRun(project.stateDirectory, known.document.executionId);
  if (!taken.ok) return taken;
  const { run, state } = taken.value;
  const { warn } = company.watcher;
  if (state.phase === 'paused' || state.phase === 'failed')
    await closeBooksOfEarlier({ project, run, state, telemetry, warn, publish: () => {} });
  // What cannot be written now is written, or told of, when this part of the run ends.
  recordAttempts({ ...project, run, state, whose: 'earlier' });
  if (named !== undefined) belongToTask(run, named, warn);
  const misnamed = misnamedStage(options, state.pipeline);
  const world = misnamed === undefined ? await worldOf(project, state.pipeline, company) : fail(misnamed);
  if (!world.ok) {
    run.release();
    return world;
  }
  const pauseReached = state.code === 'PAUSED_AFTER_STAGE';
  const settings = settingsForResume(state.settings, withoutAuto(options, warn), pauseReached);
  const { roles, costs } = world.value;
  const untold = unknownCost({ pipeline: state.pipeline, settings, roles, costs });
  const continued = untold === undefined ? continueRun(taken.value, settings) : fail(untold);
  if (!continued.ok) {
    run.release();
    return continued;
  }
  const open = await withBrief(continued.value, world.value.files);
  if (!open.ok) return open;
  return finish(project, open.value, world.value, company, telemetry, telemetryStarted, undefined);
}

async function finish(
  project: Project,
  open: OpenRun,
  world: FeatureWorld,
  company: Company,
  telemetry: ReturnType<typeof telemetryOf>,
  telemetryStarted: Promise<void>,
  from: string | undefined,
): Promise<Result<SessionResult>> {
  try {
    if (from !== undefined) {
      const missing = await missingBefore(world, open.state, from);
      if (missing !== undefined) company.watcher.warn(missing);
    }
    return ok(await runSession({ project, ...open, world, ...company, telemetryStarted }, telemetry));
  } finally {
    open.run.release();
  }
}

async function worldOf(
  project: Project,
  pipeline: Pipeline,
  company: Company,
): Promise<Result<FeatureWorld>> {
  const stack = settleStack(project, true);
  if (!stack.ok) return stack;
  const feedback = readConfig(project.stateDirectory, 'feedback');
  if (!feedback.ok) return feedback;
  const costs = readConfig(project.stateDirectory, 'cost');
  if (!costs.ok) return costs;
  return createFeatureWorld({
    project,
    pipeline,
    stack: stack.value,
    feedback: feedback.value,
    costs: costs.value,
    person: company.person,
    watch: company.watcher.agent,
  });
}

/** The feature pipeline's definition: the project's own copy before the shipped one. */
export async function featurePipeline(project: Pick<Project, 'root'>): Promise<Result<Pipeline>> {
  const found = await createBlueprint(project.root).find('pipelines', 'implement-feature');
  return found.ok ? parsePipeline(found.value.text, found.value.file) : found;
}

/** Only a model can describe a whole system (a command line may be anything), and only somebody at a terminal can want it. */
async function offersSystemSpecification(
  world: FeatureWorld,
  request: FeatureRequest,
  company: Company,
): Promise<boolean> {
  if (!world.person.present || !request.validate || request.from !== undefined) return false;
  const [runner] = runnerOrder(request.options, world.roles.get('alex'), world.defaultRunner);
  if (
    runner === 'offline' ||
    runner.startsWith('command:') ||
    (await world.files.exists(SYSTEM_SPECIFICATION))
  )
    return false;
  return company.offerSystemSpecification();
}

/** What would only fail later, at a price: an unknown runner, or one that does not start. */
async function checkBeforeStart(
  world: FeatureWorld,
  request: FeatureRequest,
  pipeline: Pipeline,
): Promise<Result<void>> {
  if (request.validate && request.options.commit) {
    const known = await world.repository.canCommit();
    if (!known.ok) return known;
  }
  const wanted = pipeline.stages.map((stage) => {
    const role = stage.work.kind === 'agent' ? world.roles.get(stage.work.agent) : undefined;
    return runnerOrder(request.options, role, world.defaultRunner);
  });
  return probeRunners(wanted, {
    runner: world.runner,
    validate: request.validate,
  });
}

/** With `--from`: what earlier stages should have left. A warning, since the stages that follow check their own part. */
async function missingBefore(
  world: FeatureWorld,
  state: RunState,
  from: string,
): Promise<Problem | undefined> {
  const evidence = await gatherEvidence(world, state);
  if (!evidence.ok) return evidence.error;
  const names: readonly string[] = FEATURE_STAGES;
  const findings = FEATURE_STAGES.slice(0, Math.max(0, names.indexOf(from)))
    .filter((stage) => stage !== 'codey-implement')
    .flatMap((stage) => checkStage(stage, evidence.value));
  if (findings.length === 0) return undefined;
  const message = `earlier stages left something open: ${findings.slice(0, 5).map(formatFinding).join('; ')}`;
  return { code: 'earlier-stages', message };
}

function finished(slug: string, earlier: KnownRun): Problem {
  return {
    code: 'finished',
    message: `${slug} is finished: run ${earlier.document.runId} ended ${earlier.document.status.reason_code}`,
    hint: 'begin anew with --restart, or repeat the last part with --from <stage>',
  };
}

function noBrief(slug: string): Problem {
  return {
    code: 'no-brief',
    message: `there is no brief for ${slug}`,
    hint: 'write in a few lines what it shall do, and name that file with --brief <file>, or pipe it in with --brief -',
  };
}
