import type { AgentEvent, Usage } from '../core/agent/event.ts';
import type { AgentRole } from '../core/agent-role.ts';
import type { CostConfig } from '../core/config/cost-config.ts';
import { agentStallTimeout } from '../core/decide/limits.ts';
import type { Job, Stage } from '../core/pipeline/definition.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunEventBody } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { optional, roleOf, runnerNameOf, stageModelOf } from './agent-choice.ts';
import { runMetered } from './metered-session.ts';
import type { AgentJob, AgentOrder, AgentOutcome, AgentRunner } from './ports.ts';
import type { Spending } from './spending.ts';

/** What every session of an agent asks of the world, in whatever kind of run. */
export interface AgentSessionWorld {
  runner(name: string): Result<AgentRunner>;
  /** Roles of the agents that the pipeline names. */
  readonly roles: ReadonlyMap<string, AgentRole>;
  /** Runner of agents that name none, when the run names none either. */
  readonly defaultRunner: string;
  /** Prices for models whose agent reports no cost. */
  readonly costs: CostConfig;
  /** What the agents of the run use; one for each run. */
  readonly spending: Spending;
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
  /** Of the whole session, in ms. */
  readonly timeoutMs: number;
  readonly places: Pick<AgentOrder, 'answerFile' | 'outputFile' | 'logFile' | 'scratchDir' | 'homeDir'>;
  readonly job: AgentJob;
  readonly sessionId?: string;
  /** Told once the agent has named its session. */
  readonly onSession?: (sessionId: string) => void;
  /** Of an attempt: tells what cannot wait for its end, such as what was used so far, which then stays known if we die. */
  readonly report?: (events: readonly RunEventBody[]) => void;
}

/**
 * Runs one session of an agent: its runner and model are chosen, what it used is priced, and it is ended once the run
 * or its stage has used what it may.
 */
export async function runAgentSession(
  world: AgentSessionWorld,
  state: RunState,
  request: AgentSessionRequest,
  signal: AbortSignal,
): Promise<Result<AgentOutcome>> {
  const { stage, work, frame, attempt } = request;
  const role = roleOf(world, work);
  const runnerName = request.runner ?? runnerNameOf(world, state, role);
  const runner = world.runner(runnerName);
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
    ...optional('model', stageModelOf(world, state, { name: stage.name, work }, role, runnerName)),
    ...optional('tools', role.tools),
    ...optional('maxTurns', role.maxTurns),
    ...optional('sessionId', request.sessionId),
  };
  const metered = {
    spending: world.spending,
    costs: world.costs,
    state,
    stage: stage.name,
    onEvent: (event: AgentEvent) => {
      if (event.type === 'started' && event.sessionId !== undefined) request.onSession?.(event.sessionId);
      world.watch(stage.name, frame, attempt, event);
    },
    onSpent: (usage: Usage) =>
      request.report?.([{ type: 'attempt.spent', stage: stage.name, frame, attempt, usage: { ...usage } }]),
    onUnknown: (message: string) => request.report?.([{ type: 'notice', stage: stage.name, message }]),
  };
  return ok(await runMetered(runner.value, order, metered, signal));
}
