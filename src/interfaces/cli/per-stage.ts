import { InvalidArgumentError } from 'commander';
import type { Limits } from '../../core/pipeline/definition.ts';

/** What is given for the whole run, and for single stages. */
export interface PerStage<T> {
  readonly run?: T;
  readonly stages?: Readonly<Record<string, T>>;
}

/** Reads `<value>` and `<stage>=<value>`, again and again; what is said last of the same counts. */
export function perStage<T>(read: (text: string) => T): (text: string, before?: PerStage<T>) => PerStage<T> {
  return (text, before = {}) => {
    const at = text.indexOf('=');
    if (at === -1) return { ...before, run: read(text) };
    if (at === 0) throw new InvalidArgumentError('before = it takes the name of a stage');
    const value = read(text.slice(at + 1));
    return {
      ...before,
      stages: Object.fromEntries([...Object.entries(before.stages ?? {}), [text.slice(0, at), value]]),
    };
  };
}

/** The options that are given for single stages. */
export interface ParsedStageOptions {
  readonly maxCost?: PerStage<number>;
  readonly maxTokens?: PerStage<number>;
  readonly stageTimeout?: PerStage<number>;
}

/** Limits and times of single stages, and the time of all of them in ms; without what was not given. */
export function stageOptionsOf({ maxCost, maxTokens, stageTimeout }: ParsedStageOptions): {
  readonly stageTimeoutMs?: number;
  readonly stageTimeouts?: Readonly<Record<string, number>>;
  readonly stageLimits?: Readonly<Record<string, Limits>>;
} {
  const costs = Object.entries(maxCost?.stages ?? {});
  const tokens = Object.entries(maxTokens?.stages ?? {});
  const limits = new Map<string, Limits>(costs.map(([stage, most]) => [stage, { maxCostMicroUsd: most }]));
  for (const [stage, most] of tokens) limits.set(stage, { ...limits.get(stage), maxTokens: most });
  const { run: stageTimeoutMs, stages: stageTimeouts } = stageTimeout ?? {};
  return {
    ...(stageTimeoutMs === undefined ? {} : { stageTimeoutMs }),
    ...(stageTimeouts === undefined ? {} : { stageTimeouts }),
    ...(limits.size === 0 ? {} : { stageLimits: Object.fromEntries(limits) }),
  };
}
