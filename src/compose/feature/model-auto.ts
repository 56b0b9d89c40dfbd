import { modelOfRole, runnerOrder } from '../../core/agent-role.ts';
import { type Proposal, propose, type StageEvidence } from '../../core/insights/propose.ts';
import { stageEvidenceFrom } from '../../core/insights/stage-evidence.ts';
import { indexTasks, type TaskOfRun } from '../../core/insights/task-of-run.ts';
import { readTaskRows, type TaskRow } from '../../core/insights/task-rows.ts';
import type { Pipeline, Stage } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import type { FeatureWorld } from '../../engine/feature/world.ts';
import { historyFile } from '../history.ts';
import { openHistoryBackwards } from '../insights-history.ts';
import { tasksAt } from '../tasks/list.ts';
import type { FeatureOptions } from './settings.ts';

/** What `--model` takes instead of a model's name. */
const MODEL_AUTO = 'auto';

/** The model of one stage, and why. */
export interface ModelChoice {
  readonly proposal: Proposal;
  readonly runner: string;
  /** What is used where nothing is proposed; undefined: the runner's own default. */
  readonly configured: string | undefined;
}

export interface ModelQuestion {
  readonly pipeline: Pipeline;
  readonly options: FeatureOptions;
  readonly world: Pick<FeatureWorld, 'roles' | 'defaultRunner'>;
  readonly stateDirectory: string;
  /** Where the tasks are looked for. */
  readonly root: string;
  /** Id of the task that the run belongs to; its ambiguity narrows the evidence. */
  readonly task: string;
  readonly warn: (problem: Problem) => void;
}

export interface ModelAnswer {
  /** With the choices in them, so that a continued run keeps them. */
  readonly options: FeatureOptions;
  readonly choices: readonly ModelChoice[];
}

/**
 * Chooses a model for each stage from the recorded runs where `--model auto` asks for it, by the rule of
 * core/insights/propose.ts, among the models of the runner that runs the stage. Otherwise nothing changes.
 */
export function chooseModels(question: ModelQuestion): ModelAnswer {
  const { model, ...options } = question.options;
  if (model !== MODEL_AUTO) return { options: question.options, choices: [] };
  const tasks = tasksOf(question);
  const evidence = evidenceAt(question, indexTasks(tasks));
  const ambiguity = tasks.find(({ id }) => id === question.task)?.ambiguity;
  const choices = question.pipeline.stages.flatMap((stage) => {
    const usual = usualFor(stage, question);
    if (usual === undefined) return [];
    return [
      { ...usual, proposal: propose(evidence, { stage: stage.name, runner: usual.runner, ambiguity }) },
    ];
  });
  return {
    options: { ...options, modelChoices: choices.map(recordOf) },
    choices,
  };
}

/** A history that cannot be read proposes nothing; it stops no run that can go without. */
function evidenceAt({ stateDirectory, warn }: ModelQuestion, taskOf: TaskOfRun): readonly StageEvidence[] {
  const history = openHistoryBackwards(historyFile(stateDirectory), warn);
  if (!history.ok) {
    warn(history.error);
    return [];
  }
  try {
    return stageEvidenceFrom(history.value.entries(), taskOf);
  } finally {
    history.value.close();
  }
}

/** What a continued run is told: `auto` chose when it began, and what was chosen stays. */
export function withoutAuto(
  options: Partial<FeatureOptions>,
  warn: (problem: Problem) => void,
): Partial<FeatureOptions> {
  if (options.model !== MODEL_AUTO) return options;
  const { model: _, ...rest } = options;
  warn({
    code: 'model-kept',
    message: 'the run goes on with the models it began with; --model auto chooses when a run begins',
    hint: 'name a model with --model, or begin anew with --restart --model auto',
  });
  return rest;
}

/** Without tasks nothing is known of any ambiguity, and all work decides. */
function tasksOf({ root }: ModelQuestion): readonly TaskRow[] {
  const listed = tasksAt(root);
  return listed.ok ? readTaskRows(listed.value.tasks.map(({ meta }) => meta)).tasks : [];
}

function usualFor(
  { work }: Stage,
  { world, options }: ModelQuestion,
): Omit<ModelChoice, 'proposal'> | undefined {
  if (work.kind !== 'agent') return undefined;
  const role = world.roles.get(work.agent);
  const [runner] = runnerOrder(options, role, world.defaultRunner);
  const ofRole = role === undefined ? undefined : modelOfRole(role, runner, runner);
  return { runner, configured: work.model ?? ofRole };
}

function recordOf({ proposal, runner }: ModelChoice): NonNullable<FeatureOptions['modelChoices']>[number] {
  const { stage, choice, reason, ambiguity } = proposal;
  return {
    stage,
    runner,
    reason,
    ...(ambiguity === undefined ? {} : { ambiguity }),
    ...(choice === undefined
      ? { runIds: [] }
      : { model: choice.model, successes: choice.successes, of: choice.of, runIds: [...choice.runIds] }),
  };
}
