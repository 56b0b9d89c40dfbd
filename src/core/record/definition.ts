import type { Audit, Export, Job, Limits, Stage } from '../pipeline/definition.ts';

/** Stop conditions under the names that they have in a pipeline's file; those that are set. */
export interface LimitsRow {
  retry_rate?: number;
  reject_rate?: number;
  after_frames?: number;
  consecutive_fails?: number;
  max_attempts?: number;
  max_cost_usd?: number;
  max_tokens?: number;
  max_duration_ms?: number;
  stall_timeout_ms?: number;
  quota_wait_ms?: number;
}

export interface AuditRow {
  /** Null for a command. */
  agent_id: string | null;
  work: string | null;
  timeout_ms: number;
}

export interface StageFramesRow {
  /** What frames are made of; null where the stage is one. */
  foreach: string | string[] | null;
  /** Frames at a time. */
  max_parallel: number;
  audit: AuditRow | null;
  /** How attempts after the first differ, in this order. */
  strategies: { name: string; task: string | null }[];
  limits: LimitsRow;
  dependency: string | null;
}

export interface ExportRow {
  location: string;
  run: string | null;
  files: string[];
  validate: string | null;
  timeout_ms: number;
  dependency: string | null;
}

/** Fills variables into a text, or leaves it as it is written. */
export type Fill = (text: string) => string;

export function limitsRecord(limits: Limits): LimitsRow {
  const { retryRate, rejectRate, afterFrames, consecutiveFails, maxAttempts } = limits;
  const { maxCostMicroUsd: cost, maxTokens, maxDurationMs, stallTimeoutMs, quotaWaitMs } = limits;
  return {
    ...(retryRate === undefined ? {} : { retry_rate: retryRate }),
    ...(rejectRate === undefined ? {} : { reject_rate: rejectRate }),
    ...(afterFrames === undefined ? {} : { after_frames: afterFrames }),
    ...(consecutiveFails === undefined ? {} : { consecutive_fails: consecutiveFails }),
    ...(maxAttempts === undefined ? {} : { max_attempts: maxAttempts }),
    ...(cost === undefined ? {} : { max_cost_usd: cost / 1e6 }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(maxDurationMs === undefined ? {} : { max_duration_ms: maxDurationMs }),
    ...(stallTimeoutMs === undefined ? {} : { stall_timeout_ms: stallTimeoutMs }),
    ...(quotaWaitMs === undefined ? {} : { quota_wait_ms: quotaWaitMs }),
  };
}

/** What a stage says of its frames: what they are made of, who checks them, how they are tried again, when they are too bad. */
export function stageFramesRecord(stage: Stage, fill: Fill): StageFramesRow {
  const { foreach, audit, retry } = stage;
  return {
    foreach: foreach === undefined ? null : typeof foreach === 'string' ? fill(foreach) : foreach.map(fill),
    max_parallel: stage.maxParallel ?? 1,
    audit: audit === undefined ? null : auditRecord(audit, fill),
    strategies: (retry?.strategies ?? []).map(({ name, task }) => ({
      name,
      task: task === undefined ? null : fill(task),
    })),
    limits: limitsRecord(stage.limits ?? {}),
    dependency: stage.dependency ?? null,
  };
}

export function exportDefinition(definition: Export, fill: Fill): ExportRow {
  const { location, run, files, validate, timeoutMs, dependency } = definition;
  return {
    location: fill(location),
    run: run === undefined ? null : fill(run),
    files: [...files],
    validate: validate === undefined ? null : fill(validate),
    timeout_ms: timeoutMs,
    dependency: dependency ?? null,
  };
}

/** Who does a piece of work, null for a command; and its task or command line. */
export function workRecord(work: Job, fill: Fill): { agent_id: string | null; work: string | null } {
  if (work.kind === 'command') return { agent_id: null, work: fill(work.run) };
  return { agent_id: work.agent, work: work.task === undefined ? null : fill(work.task) };
}

function auditRecord({ work, timeoutMs }: Audit, fill: Fill): AuditRow {
  return { ...workRecord(work, fill), timeout_ms: timeoutMs };
}
