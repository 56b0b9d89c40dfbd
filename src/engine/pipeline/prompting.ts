import type { AttemptWork } from '../../core/decide/decision.ts';
import { quoteContent, renderPrompt } from '../../core/feature/prompt.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RollbackState, RunState } from '../../core/run/state.ts';
import type { FilledTexts } from './job.ts';
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
  if (work.findings.length > 0) parts.push(findingsText(work.findings));
  if (work.question !== undefined) parts.push(answeredText(work.question, work.answer ?? ''));
  return ok(`${parts.join('\n\n')}\n`);
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

function findingsText(findings: readonly string[]): string {
  const list = quoteContent('findings of the check', findings.map((finding) => `- ${finding}`).join('\n'));
  return `## What the last attempt left wrong\n\nA program checked the result. Put exactly this right; what holds stays as it is.\n\n${list}`;
}

function answeredText(question: string, answer: string): string {
  const both = `${quoteContent('your question', question)}\n\n${quoteContent('the answer', answer)}`;
  return `## Your question was answered\n\n${both}\n\nGo on with the work; ask again only if you cannot.`;
}
