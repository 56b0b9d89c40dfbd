import type { AttemptWork } from '../../core/decide/decision.ts';
import { quoteContent, renderPrompt } from '../../core/feature/prompt.ts';
import type { Stage, Strategy } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RollbackState, RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { substitute } from '../../core/variable/substitute.ts';
import { itemOf } from './attempt-key.ts';
import { workingDirectoryOf } from './job.ts';
import type { FilledTexts } from './job-order.ts';
import type { PipelineWorld, StagePlaces } from './world.ts';

const NONE = 'none';

/** The whole prompt of one attempt at a stage, also of a session that goes on: what it leaves has a new place. */
export async function promptForStage(
  world: PipelineWorld,
  state: RunState,
  input: {
    readonly stage: Stage;
    readonly work: AttemptWork;
    readonly filled: FilledTexts;
    readonly places: StagePlaces;
  },
): Promise<Result<string>> {
  const { stage, work, filled, places } = input;
  const template = await world.prompt('stage');
  if (!template.ok) return template;
  const whole = renderPrompt(template.value, {
    ...commonValues(world, state, stage, filled),
    outputs: (stage.outputs ?? []).join(', ') || NONE,
    outputFile: places.outputFile,
    produces: (stage.produces ?? []).join(', ') || NONE,
  });
  if (!whole.ok) return whole;
  const parts = [whole.value.trimEnd()];
  if (filled.strategy !== undefined) parts.push(strategyText(filled.strategy));
  if (work.findings.length > 0) parts.push(findingsText(work.findings));
  if (work.question !== undefined) parts.push(answeredText(work.question, work.answer ?? ''));
  return ok(`${parts.join('\n\n')}\n`);
}

/** The prompt of an agent that checks what an attempt at a stage left. */
export async function promptForAudit(
  world: PipelineWorld,
  state: RunState,
  input: {
    readonly stage: Stage;
    readonly frame: number;
    readonly filled: FilledTexts;
    readonly places: StagePlaces;
    readonly outputs: Readonly<Record<string, string>>;
  },
): Promise<Result<string>> {
  const { stage, frame, filled, places, outputs } = input;
  const template = await world.prompt('audit');
  if (!template.ok) return template;
  const item = itemOf(state, stage, frame);
  const given = Object.entries(outputs);
  return renderPrompt(template.value, {
    ...commonValues(world, state, stage, filled),
    task: filled.task === '' ? 'Check whether the result is what the stage was asked for.' : filled.task,
    asked: quoteContent('what the stage was asked to do', askedOf(state, stage, item)),
    item: item === undefined ? NONE : quoteContent('item', item),
    files: await filesOf(world, state, stage, item),
    outputs:
      given.length === 0
        ? NONE
        : quoteContent('outputs', given.map(([key, value]) => `${key}=${value}`).join('\n')),
    answerFile: places.answerFile,
  });
}

const MOST_FILES = 200;

/** What a stage was asked to do; a text that cannot be filled in stands as it is written. */
function askedOf(state: RunState, { name, work }: Stage, item: string | undefined): string {
  const text = work.kind === 'command' ? work.run : (work.task ?? `what the role of ${work.agent} says`);
  const filled = substitute(text, lookupIn(state, name, item));
  return `${work.kind === 'command' ? 'run the command: ' : ''}${filled.ok ? filled.value : text}`;
}

async function filesOf(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  item: string | undefined,
): Promise<string> {
  const directory = workingDirectoryOf(stage, lookupIn(state, stage.name, item));
  if (stage.produces === undefined || !directory.ok) return NONE;
  const found = await world.find(stage.produces, directory.value, MOST_FILES);
  if (!found.ok || found.value.length === 0) return NONE;
  return quoteContent(`files below ${directory.value}`, found.value.join('\n'));
}

/** The standard prompt with which a stage's own agent takes back what it did. */
export async function promptForUndo(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  filled: FilledTexts,
  rollback: RollbackState,
): Promise<Result<string>> {
  const template = await world.prompt('undo');
  if (!template.ok) return template;
  return renderPrompt(template.value, {
    ...commonValues(world, state, stage, filled),
    left: leftBy(state, stage),
    reason: quoteContent('why', reasonOf(state, rollback)),
  });
}

/** Why a run goes back, for whoever undoes a part of it. */
export function reasonOf(state: RunState, rollback: RollbackState): string {
  if (rollback.cause === 'manual') {
    const why = rollback.reason === undefined ? '' : `: ${rollback.reason}`;
    return `${rollback.actor ?? 'A person'} asked for it${why}`;
  }
  const failed = state.stages.get(rollback.failedStage ?? '');
  const message = failed?.message === undefined || failed.message === '' ? '' : `: ${failed.message}`;
  return `The stage ${rollback.failedStage ?? ''} failed (${failed?.code ?? 'STAGE_FAILED'}${message})`;
}

/** An undoing agent is a new session: of what was done it knows only what it is told. */
function leftBy(state: RunState, { name }: Stage): string {
  const outputs = Object.entries(state.stages.get(name)?.outputs ?? {});
  if (outputs.length === 0) return 'Nothing.';
  return quoteContent('what it left', outputs.map(([key, value]) => `${key}=${value}`).join('\n'));
}

function commonValues(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  { task, environment }: FilledTexts,
) {
  return {
    stage: stage.name,
    pipeline: state.pipeline.name,
    runId: state.executionId,
    environment: environment ?? NONE,
    task: task === '' ? `Do what your role says for the stage ${stage.name}.` : task,
    guardrails: world.guardrails.trim(),
  };
}

/** The author of the pipeline wrote it, as he did the task. */
function strategyText({ name, task }: Strategy): string {
  const meaning = task === undefined ? '' : `\n\n${task}`;
  return `## How this attempt differs: the strategy ${name}\n\nThe last attempt did not come to a good end. This one follows the strategy ${name}.${meaning}`;
}

function findingsText(findings: readonly string[]): string {
  const list = quoteContent('findings of the check', findings.map((finding) => `- ${finding}`).join('\n'));
  return `## What the last attempt left wrong\n\nA program checked the result. Put exactly this right; what holds stays as it is.\n\n${list}`;
}

function answeredText(question: string, answer: string): string {
  const both = `${quoteContent('your question', question)}\n\n${quoteContent('the answer', answer)}`;
  return `## Your question was answered\n\n${both}\n\nGo on with the work; ask again only if you cannot.`;
}
