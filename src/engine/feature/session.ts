import type { AgentRole } from '../../core/agent-role.ts';
import { estimateCostMicroUsd, priceOf } from '../../core/config/cost-config.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import type { AgentJob, AgentOrder, AgentOutcome } from '../ports.ts';
import { featureOf, hasStories } from './evidence.ts';
import type { FeatureWorld } from './world.ts';

/** Longest silence of an agent before it is taken for hung, in ms. */
const STALL_TIMEOUT_MS = 10 * 60_000;

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
  const role = roleOf(world, stage);
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
    stallTimeoutMs: STALL_TIMEOUT_MS,
    ...places,
    job: jobOf(state, request),
    ...optional('model', modelOf(state, stage, role)),
    ...optional('tools', role.tools),
    ...optional('maxTurns', role.maxTurns),
    ...optional('sessionId', request.sessionId),
    ...optional('maxCostMicroUsd', remainingBudget(state)),
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

/** Adds the cost by the configured prices where the agent did not report one. Without a price it stays unknown. */
function priced(world: FeatureWorld, outcome: AgentOutcome, asked: string | undefined): AgentOutcome {
  const model = outcome.model ?? asked;
  if (outcome.usage === undefined || outcome.usage.costMicroUsd !== undefined || model === undefined)
    return outcome;
  const price = priceOf(world.costs, model);
  if (price === undefined) return outcome;
  return {
    ...outcome,
    usage: { ...outcome.usage, costMicroUsd: estimateCostMicroUsd(outcome.usage, price) },
  };
}

export function roleOf(world: FeatureWorld, stage: Stage): AgentRole {
  const role = stage.work.kind === 'agent' ? world.roles.get(stage.work.agent) : undefined;
  if (role === undefined) throw new Error(`the role of stage ${stage.name} was not loaded`);
  return role;
}

export function runnerNameOf(world: FeatureWorld, state: RunState, role: AgentRole): string {
  return state.settings.runner ?? role.runner ?? world.defaultRunner;
}

export function modelOf(state: RunState, stage: Stage, role: AgentRole): string | undefined {
  return state.settings.model ?? (stage.work.kind === 'agent' ? stage.work.model : undefined) ?? role.model;
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

function remainingBudget(state: RunState): number | undefined {
  const limit = state.settings.limits.maxCostMicroUsd ?? state.pipeline.limits.maxCostMicroUsd;
  return limit === undefined ? undefined : Math.max(0, limit - state.metrics.costMicroUsd);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
