import { questionIn } from '../../core/agent/answer.ts';
import { ok, type Result } from '../../core/result.ts';
import { substitute } from '../../core/variable/substitute.ts';
import { optional } from '../agent-choice.ts';
import { runAgentSession } from '../agent-session.ts';
import type { AgentJob } from '../ports.ts';
import { type FilledTexts, type JobEnd, type JobOrder, type JobPlace, missingInput } from './job-order.ts';
import { readAnswer, withAnswer } from './typed-answer.ts';
import type { PipelineWorld } from './world.ts';

/** Lets the agent of a piece of work do it, with values as text of its task. */
export async function runAgent(
  world: PipelineWorld,
  order: JobOrder,
  place: JobPlace,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const { state, stage, job, places } = order;
  const filled = fillTexts(order, place);
  if (!filled.ok) return ok(missingInput(filled.error.message));
  const prompt = await order.prompt(filled.value);
  if (!prompt.ok) return prompt;
  const outcome = await runAgentSession(
    world,
    state,
    {
      stage,
      work: job,
      frame: order.frame,
      attempt: order.attempt,
      prompt: prompt.value,
      cwd: place.cwd,
      env: place.env,
      timeoutMs: order.timeoutMs,
      places,
      job: agentJob(order, filled.value),
      ...optional('runner', order.runner),
      ...optional('sessionId', order.sessionId),
      ...optional('onSession', order.onSession),
      ...optional('report', order.report),
    },
    signal,
  );
  if (!outcome.ok) return outcome;
  const end: JobEnd = outcome.value;
  if (end.outcome !== 'ok' && end.outcome !== 'crashed') return ok(end);
  return ok(withQuestion(withAnswer(world, end, await readAnswer(world, places.answerFile)), world.mask));
}

function fillTexts({ job, lookup, strategy }: JobOrder, place: JobPlace): Result<FilledTexts> {
  const task = substitute((job.kind === 'agent' ? job.task : undefined) ?? '', lookup);
  if (!task.ok) return task;
  const environment = optional('environment', place.environment);
  if (strategy === undefined) return ok({ task: task.value, ...environment });
  const meaning = strategy.task === undefined ? ok(undefined) : substitute(strategy.task, lookup);
  if (!meaning.ok) return meaning;
  const filled = { name: strategy.name, ...optional('task', meaning.value) };
  return ok({ task: task.value, ...environment, strategy: filled });
}

/** An agent that ended well may have asked something, which is kept and shown. */
function withQuestion(end: JobEnd, mask: (text: string) => string): JobEnd {
  if (end.outcome !== 'ok' || end.answer?.ok !== true) return end;
  const question = questionIn(end.answer.value);
  return question === undefined ? end : { ...end, question: mask(question) };
}

function agentJob(
  { state, stage, kind, findings, item, frame, strategy }: JobOrder,
  { task, environment }: FilledTexts,
): AgentJob {
  return {
    kind,
    stage: stage.name,
    pipeline: state.pipeline.name,
    frame,
    slug: '',
    featureId: '',
    briefPath: '',
    findings,
    withStories: false,
    ...(task === '' ? {} : { task }),
    ...optional('environment', environment),
    ...optional('outputs', kind === 'work' ? stage.outputs : undefined),
    ...optional('produces', kind === 'work' ? stage.produces : undefined),
    ...optional('item', item),
    ...optional('strategy', strategy?.name),
  };
}
