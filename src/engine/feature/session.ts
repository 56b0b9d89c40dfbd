import { givenStageTimeout } from '../../core/decide/limits.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { optional, roleOf } from '../agent-choice.ts';
import { runAgentSession } from '../agent-session.ts';
import type { AgentJob, AgentOutcome } from '../ports.ts';
import { featureOf, hasStories } from './evidence.ts';
import type { FeatureWorld } from './world.ts';

export interface SessionRequest {
  readonly stage: Stage;
  readonly frame: number;
  readonly attempt: number;
  readonly kind: AgentJob['kind'];
  readonly prompt: string;
  readonly findings: readonly string[];
  /** Who of the agent's runners; absent: the first. */
  readonly runner?: string;
  readonly sessionId?: string;
  /** Told once the agent has named its session. */
  readonly onSession?: (sessionId: string) => void;
  /** Of an attempt: tells what cannot wait for its end. */
  readonly report?: (events: readonly RunEventBody[]) => void;
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
  const { stage, frame, attempt, prompt } = request;
  const role = roleOf(world, stage.work);
  const places = world.places(state, request.name);
  const outcome = await runAgentSession(
    world,
    state,
    {
      stage,
      work: stage.work,
      frame,
      attempt,
      prompt,
      cwd: world.root,
      timeoutMs: givenStageTimeout(state, stage.name) ?? role.timeoutMs ?? stage.timeoutMs,
      places,
      job: jobOf(state, request),
      ...optional('runner', request.runner),
      ...optional('sessionId', request.sessionId),
      ...optional('onSession', request.onSession),
      ...optional('report', request.report),
    },
    signal,
  );
  if (!outcome.ok) return outcome;
  return ok({
    outcome: outcome.value,
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
