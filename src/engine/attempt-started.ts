import type { AttemptWork } from '../core/decide/decision.ts';
import type { Stage } from '../core/pipeline/definition.ts';
import type { RunEventBody } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { optional, roleOf, runnerNameOf, runnersOf, stageModelOf } from './agent-choice.ts';
import type { AgentSessionWorld } from './agent-session.ts';

/** Who makes an attempt of an agent's work, as it is recorded before it begins. */
export function agentAttemptStarted(
  world: Pick<AgentSessionWorld, 'roles' | 'defaultRunner'>,
  state: RunState,
  work: AttemptWork,
): RunEventBody {
  const stage = stageOf(state, work);
  const role = roleOf(world, stage.work);
  const runners = runnersOf(world, state, role);
  const runner = work.runner ?? runners[0];
  return {
    type: 'attempt.started',
    stage: work.stage,
    frame: work.frame,
    attempt: work.attempt,
    agent: role.name,
    runner,
    ...optional('runners', runners.length > 1 ? [...runners] : undefined),
    ...optional('runnerReason', work.runnerReason),
    ...optional('model', stageModelOf(world, state, stage, role, runner)),
    ...optional('strategy', work.strategy),
    ...optional('strategyReason', work.strategyReason),
    ...optional('sessionId', sessionFor(state, work, runner)),
  };
}

/** Runner and session of an attempt's work, as they were recorded for it. */
export function agentOf(
  world: Pick<AgentSessionWorld, 'roles' | 'defaultRunner'>,
  state: RunState,
  work: AttemptWork,
): { readonly runner: string; readonly sessionId?: string } {
  const runner = work.runner ?? runnerNameOf(world, state, roleOf(world, stageOf(state, work).work));
  return { runner, ...optional('sessionId', sessionFor(state, work, runner)) };
}

function stageOf(state: RunState, work: AttemptWork): Stage {
  const stage = state.definitions.get(work.stage);
  if (stage === undefined) throw new Error(`no stage named ${work.stage}`);
  return stage;
}

/** A session belongs to the runner that made it: the role or the run may have been given another one since. */
function sessionFor(state: RunState, { stage, frame, attempt, sessionId }: AttemptWork, runner: string) {
  const before = state.stages.get(stage)?.frames[frame]?.attempts ?? [];
  const made = before.findLast((one) => one.number < attempt && one.sessionId === sessionId);
  return made === undefined || made.runner === runner ? sessionId : undefined;
}
