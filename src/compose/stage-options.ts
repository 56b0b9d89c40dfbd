import type { Limits, Pipeline } from '../core/pipeline/definition.ts';
import type { Problem } from '../core/problem.ts';
import type { RunSettings } from '../core/run/event.ts';
import { unknownStage } from './pipeline/known-stage.ts';

/** What a person asked for of single stages; absent where nothing was said. */
export interface StageOptions {
  /** Longest time of one attempt, in ms. */
  readonly stageTimeouts?: Readonly<Record<string, number>>;
  readonly stageLimits?: Readonly<Record<string, Limits>>;
}

/** Settings with what is said now of single stages, each figure by itself; the rest stays as it was. */
export function withStageOptions(
  before: Pick<RunSettings, 'stageTimeouts' | 'stageLimits'>,
  { stageTimeouts, stageLimits }: StageOptions,
): Pick<RunSettings, 'stageTimeouts' | 'stageLimits'> {
  const limits = new Map(Object.entries(before.stageLimits ?? {}));
  for (const [stage, given] of Object.entries(stageLimits ?? {}))
    limits.set(stage, { ...limits.get(stage), ...given });
  const timeouts = { ...before.stageTimeouts, ...stageTimeouts };
  return {
    ...(Object.keys(timeouts).length === 0 ? {} : { stageTimeouts: timeouts }),
    ...(limits.size === 0 ? {} : { stageLimits: Object.fromEntries(limits) }),
  };
}

/** What is wrong with the names of stages in the options; undefined if the pipeline has all of them. */
export function misnamedStage(
  { stageTimeouts = {}, stageLimits = {} }: StageOptions,
  pipeline: Pipeline,
): Problem | undefined {
  const known = { pipeline, definitions: new Map(pipeline.stages.map((stage) => [stage.name, stage])) };
  for (const name of [...Object.keys(stageLimits), ...Object.keys(stageTimeouts)]) {
    const problem = unknownStage(known, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
