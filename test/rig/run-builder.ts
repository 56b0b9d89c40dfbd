import { retryConfigSchema } from '../../src/core/config/retry-config.ts';
import type { Pipeline, Stage } from '../../src/core/pipeline/definition.ts';
import { apply, replay } from '../../src/core/run/apply.ts';
import type { RunCreated, RunEvent, RunEventBody, RunSettings } from '../../src/core/run/event.ts';
import type { RunState } from '../../src/core/run/state.ts';

export const EXECUTION = 'e0000000-0000-4000-8000-000000000001';
export const BEGINNING = Date.parse('2026-01-05T09:00:00.000Z');

export function aStage(name: string, different: Partial<Stage> = {}): Stage {
  return {
    name,
    needs: [],
    work: { kind: 'agent', agent: name },
    timeoutMs: 60_000,
    retries: 2,
    repairs: 2,
    onFailure: 'halt',
    ...different,
  };
}

/** Stages one after the other, each waiting for the one before it. */
export function aChain(...names: string[]): Stage[] {
  return names.map((name, index) => aStage(name, { needs: names.slice(Math.max(0, index - 1), index) }));
}

export function aPipeline(stages: readonly Stage[], different: Partial<Pipeline> = {}): Pipeline {
  return {
    name: 'sample',
    description: '',
    variables: {},
    maxParallel: 4,
    limits: {},
    stages,
    closing: 'none',
    ...different,
  };
}

export function settings(different: Partial<RunSettings> = {}): RunSettings {
  return {
    feedback: true,
    commit: true,
    diffPreview: false,
    interactive: false,
    recordHistory: true,
    yes: false,
    limits: {},
    ...different,
  };
}

export function created(pipeline: Pipeline, different: Partial<RunCreated> = {}): RunCreated {
  return {
    type: 'run.created',
    pipeline: structuredClone(pipeline) as RunCreated['pipeline'],
    settings: settings(),
    variables: {},
    failureRates: {},
    retry: retryConfigSchema.parse({}),
    workingTree: '/project',
    head: null,
    dirty: [],
    version: '5.0.0',
    ...different,
  };
}

/** Puts envelopes around bodies, one second apart, beginning after `before`. */
export function envelopes(bodies: readonly RunEventBody[], before?: RunEvent): RunEvent[] {
  const seq = before?.seq ?? 0;
  const at = before === undefined ? BEGINNING - 1000 : Date.parse(before.at);
  return bodies.map((body, index) => ({
    v: 1,
    seq: seq + index + 1,
    epoch: before?.epoch ?? 1,
    at: new Date(at + (index + 1) * 1000).toISOString(),
    runId: before?.runId ?? EXECUTION,
    ...body,
  }));
}

/** The state after a run was created, begun, and the events given happened, one second each. */
export function stateAfter(begun: RunCreated, ...bodies: readonly RunEventBody[]): RunState {
  const state = replay(envelopes([begun, { type: 'segment.started', previousRunId: null }, ...bodies]));
  if (state === undefined) throw new Error('a run begins with an event');
  return state;
}

/** Folds more events into a state, one second each. */
export function happens(state: RunState, ...bodies: readonly RunEventBody[]): RunState {
  for (const body of bodies) {
    const at = new Date(Date.parse(state.at) + 1000).toISOString();
    apply(state, { v: 1, seq: state.seq + 1, epoch: state.epoch, at, runId: state.runId, ...body });
  }
  return state;
}

const FIRST = { frame: 0, attempt: 1 };

export function started(stage: string, frames = 1): RunEventBody {
  const titles = Array.from({ length: frames }, (_, index) => ({ title: `${stage} ${index + 1}` }));
  return { type: 'stage.started', stage, frames: titles };
}

export function begun(stage: string, at: { frame?: number; attempt?: number } = {}): RunEventBody {
  return { type: 'attempt.started', stage, ...FIRST, ...at, agent: stage, runner: 'scripted' };
}

export function generated(
  stage: string,
  different: Partial<Extract<RunEventBody, { type: 'attempt.generated' }>> = {},
): RunEventBody {
  return { type: 'attempt.generated', stage, ...FIRST, outcome: 'ok', ...different };
}

export function approved(
  stage: string,
  different: Partial<Extract<RunEventBody, { type: 'attempt.judged' }>> = {},
): RunEventBody {
  return { type: 'attempt.judged', stage, ...FIRST, verdict: 'approved', findings: [], ...different };
}

export function rejected(
  stage: string,
  different: Partial<Extract<RunEventBody, { type: 'attempt.judged' }>> = {},
): RunEventBody {
  return {
    type: 'attempt.judged',
    stage,
    ...FIRST,
    verdict: 'rejected',
    code: 'OUTPUT_INVALID',
    findings: ['not as agreed'],
    ...different,
  };
}

/** Everything that a stage with one frame goes through when all is well. */
export function succeeds(stage: string, outputs?: Record<string, string>): RunEventBody[] {
  return [
    started(stage),
    begun(stage),
    generated(stage),
    approved(stage, outputs === undefined ? {} : { outputs }),
    { type: 'stage.finished', stage, status: 'succeeded' },
  ];
}
