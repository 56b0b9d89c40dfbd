import { agentStallTimeout } from '../../core/decide/limits.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { optional, priced, remainingBudget, roleOf, runnerNameOf, stageModelOf } from '../agent-choice.ts';
import type { AgentJob, AgentOrder, AgentOutcome } from '../ports.ts';
import { featureOf, hasStories } from './evidence.ts';
import type { FeatureWorld } from './world.ts';

export interface SessionRequest {
  readonly stage: Stage;
  readonly frame: number;
  readonly attempt: number;
  readonly kind: AgentJob['kind'];
  readonly prompt: string;
  readonly findings: readonly string[];
  readonly sessionId?: string;
  /** Told once the agent has named its session. */
  readonly onSession?: (sessionId: string) => void;
  /** Names the files of this session. */
  readonly name: string;
}

export interface SessionEnd {
  readonly outcome: AgentOutcome;
  /** Parsed JSON that the agent left as its typed answer. */
  readonly answer: unknown;
  readonly logFile: string;
}

/** Runs one session of the stage's agent and collects what it left as its answer. */
export async function runSession(
  world: FeatureWorld,
  state: RunState,
  request: SessionRequest,
  signal: AbortSignal,
): Promise<Result<SessionEnd>> {
  const { stage } = request;
  const role = roleOf(world, stage.work);
  const runner = world.runner(runnerNameOf(world, state, role));
  if (!runner.ok) return runner;
  const places = world.places(state, request.name);
  const order: AgentOrder = {
    runId: state.executionId,
    attempt: request.attempt,
    agent: role.name,
    instructions: role.instructions,
    prompt: request.prompt,
    cwd: world.root,
    timeoutMs: state.settings.stageTimeoutMs ?? role.timeoutMs ?? stage.timeoutMs,
    stallTimeoutMs: agentStallTimeout(state, stage.name),
    ...places,
    job: jobOf(state, request),
    ...optional('model', stageModelOf(world, state, stage, role)),
    ...optional('tools', role.tools),
    ...optional('maxTurns', role.maxTurns),
    ...optional('sessionId', request.sessionId),
    ...optional('maxCostMicroUsd', remainingBudget(state, stage.name)),
  };
  const outcome = await runner.value.run(
    order,
    (event) => {
      if (event.type === 'started' && event.sessionId !== undefined) request.onSession?.(event.sessionId);
      world.watch(stage.name, request.frame, request.attempt, event);
    },
    signal,
  );
  return ok({
    outcome: priced(world, outcome, order.model),
    answer: await world.readAnswer(places.answerFile),
    logFile: places.logFile,
  });
}

function jobOf(state: RunState, request: SessionRequest): AgentJob {
  const feature = featureOf(state);
  return {
    kind: request.kind,
    stage: request.stage.name,
    slug: feature.slug,
    featureId: feature.featureId,
    briefPath: feature.briefPath,
    findings: request.findings,
    withStories: hasStories(state),
    ...(request.stage.foreach === undefined ? {} : { step: request.frame + 1 }),
  };
}
