import type { AttemptWork } from '../../core/decide/decision.ts';
import { givenStageTimeout } from '../../core/decide/limits.ts';
import type { Stage, Strategy } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional } from '../agent-choice.ts';
import { agentOf } from '../attempt-started.ts';
import { attemptSummary } from '../attempt-summary.ts';
import { definitionOf, itemOf, keyOf, nameOf } from './attempt-key.ts';
import { doJob } from './job.ts';
import { checkLeft } from './judge.ts';
import { promptForStage } from './prompting.ts';
import type { PipelineWorld } from './world.ts';

/**
 * One attempt at a frame, and at once the check of what it left: both are one write in the journal. Where somebody
 * audits the result, the check comes later, so that everybody sees that it is being made.
 */
export async function makeAttempt(
  world: PipelineWorld,
  state: RunState,
  work: AttemptWork,
  signal: AbortSignal,
  report: (events: readonly RunEventBody[]) => void,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = definitionOf(state, work.stage);
  const key = keyOf(work);
  const places = world.places(state, nameOf(key), stage.work.kind);
  const item = itemOf(state, stage, work.frame);
  const lookup = lookupIn(state, stage.name, item);
  const end = await doJob(
    world,
    {
      state,
      stage,
      job: stage.work,
      kind: 'work',
      frame: work.frame,
      attempt: work.attempt,
      timeoutMs: givenStageTimeout(state, stage.name) ?? stage.timeoutMs,
      places,
      lookup,
      findings: work.findings,
      prompt: (filled) => promptForStage(world, state, { stage, work, filled, places }),
      onSession: (sessionId) => report([{ type: 'session.opened', ...key, sessionId }]),
      report,
      ...optional('item', item),
      ...optional('strategy', strategyOf(stage, work)),
      ...(stage.work.kind === 'agent' ? agentOf(world, state, work) : {}),
    },
    signal,
  );
  if (!end.ok) return end;
  const generated: RunEventBody = {
    type: 'attempt.generated',
    ...key,
    logFile: places.logFile,
    ...attemptSummary(end.value),
    ...optional('code', end.value.told?.code),
    ...optional('question', end.value.question),
  };
  const isDone = end.value.outcome === 'ok' && end.value.question === undefined;
  if (!isDone || stage.audit !== undefined) return ok([generated]);
  return ok([generated, ...(await checkLeft(world, state, stage, key, places.outputFile))]);
}

/** A name that the stage does not know, such as one of an older definition, still tells something. */
function strategyOf(stage: Stage, { strategy }: AttemptWork): Strategy | undefined {
  if (strategy === undefined) return undefined;
  return stage.retry?.strategies?.find(({ name }) => name === strategy) ?? { name: strategy };
}
