import type { AgentEvent } from '../core/agent/event.ts';
import type { AgentRole } from '../core/agent-role.ts';
import type { CostConfig } from '../core/config/cost-config.ts';
import { agentStallTimeout } from '../core/decide/limits.ts';
import type { Job, Stage } from '../core/pipeline/definition.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunState } from '../core/run/state.ts';
import { optional, priced, remainingBudget, roleOf, runnerNameOf, stageModelOf } from './agent-choice.ts';
import type { AgentJob, AgentOrder, AgentOutcome, AgentRunner } from './ports.ts';

/** What every session of an agent asks of the world, in whatever kind of run. */
export interface AgentSessionWorld {
  runner(name: string): Result<AgentRunner>;
  /** Roles of the agents that the pipeline names. */
  readonly roles: ReadonlyMap<string, AgentRole>;
  /** Runner of agents that name none, when the run names none either. */
  readonly defaultRunner: string;
  /** Prices for models whose agent reports no cost. */
  readonly costs: CostConfig;
  /** A step of an agent's work, for whoever watches. */
  watch(stage: string, frame: number, attempt: number, event: AgentEvent): void;
}

/** One session that is wanted: an attempt at a frame, the check of one, a rating, an undoing. */
export interface AgentSessionRequest {
  readonly stage: Stage;
  /** Whose agent it is: the stage's own work, or its audit's or rollback's. */
  readonly work: Job;
  readonly frame: number;
  readonly attempt: number;
  /** Who of the agent's runners; absent: the first. */
  readonly runner?: string;
  readonly prompt: string;
  /** Absolute. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where neither the run nor the role says how long it may take, in ms. */
  readonly timeoutMs: number;
  readonly places: Pick<AgentOrder, 'answerFile' | 'outputFile' | 'logFile' | 'scratchDir' | 'homeDir'>;
  readonly job: AgentJob;
  readonly sessionId?: string;
  /** Told once the agent has named its session. */
  readonly onSession?: (sessionId: string) => void;
}

/** Runs one session of an agent: its runner and model are chosen, and what it used is priced. */
export async function runAgentSession(
  world: AgentSessionWorld,
  state: RunState,
  request: AgentSessionRequest,
  signal: AbortSignal,
): Promise<Result<AgentOutcome>> {
  const { stage, work, frame, attempt } = request;
  const role = roleOf(world, work);
  const runner = world.runner(request.runner ?? runnerNameOf(world, state, role));
  if (!runner.ok) return runner;
  const order: AgentOrder = {
    runId: state.executionId,
    attempt,
    agent: role.name,
    instructions: role.instructions,
    prompt: request.prompt,
    cwd: request.cwd,
    timeoutMs: request.timeoutMs,
    stallTimeoutMs: agentStallTimeout(state, stage.name),
    ...request.places,
    job: request.job,
    ...optional('env', request.env),
    ...optional('model', stageModelOf(world, state, { name: stage.name, work }, role)),
    ...optional('tools', role.tools),
    ...optional('maxTurns', role.maxTurns),
    ...optional('sessionId', request.sessionId),
    ...optional('maxCostMicroUsd', remainingBudget(state, stage.name)),
  };
  const outcome = await runner.value.run(
    order,
    (event) => {
      if (event.type === 'started' && event.sessionId !== undefined) request.onSession?.(event.sessionId);
      world.watch(stage.name, frame, attempt, event);
    },
    signal,
  );
  return ok(priced(world, outcome, order.model));
}
