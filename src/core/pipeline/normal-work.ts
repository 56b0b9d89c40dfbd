import type {
  AuthoredAudit,
  AuthoredExport,
  AuthoredLimits,
  AuthoredRetry,
  AuthoredRollback,
  AuthoredStage,
} from './authored.ts';
import { DEFAULTS } from './defaults.ts';
import type { ApprovalRule, Audit, Export, Job, Limits, RetryRule, Strategy, Undo } from './definition.ts';
import { listOf } from './draft.ts';
import { optionalDuration, parseWait } from './duration.ts';
import { given } from './given.ts';
import { strategiesOf } from './rules/strategies.ts';

/** A command, or the work of an agent. */
export function job(
  run: string | undefined,
  task: string | undefined,
  model: string | undefined,
  agent: string,
): Job {
  if (run !== undefined) return { kind: 'command', run };
  return { kind: 'agent', agent, ...given('task', task), ...given('model', model) };
}

/** How a stage is undone; an agent that it does not name is the stage’s own. */
export function undo(rollback: AuthoredRollback, agent: string, model: string | undefined): Undo {
  return {
    work: job(rollback.run, rollback.task, model, rollback.agent ?? agent),
    timeoutMs: optionalDuration(rollback.timeout) ?? DEFAULTS.rollbackTimeoutMs,
  };
}

/** A command line alone is the short form of an audit. */
export function audit(written: string | AuthoredAudit, fallbackModel: string | undefined): Audit {
  const {
    run,
    task,
    agent = '',
    model = fallbackModel,
    timeout,
  } = typeof written === 'string' ? { run: written } : written;
  return {
    work: job(run, task, model, agent),
    timeoutMs: optionalDuration(timeout) ?? DEFAULTS.auditTimeoutMs,
  };
}

/** What a run gives out. */
export function exported({ location, run, files, validate, timeout, dependency }: AuthoredExport): Export {
  return {
    location,
    ...given('run', run),
    files: listOf(files),
    ...given('validate', validate),
    timeoutMs: optionalDuration(timeout) ?? DEFAULTS.exportTimeoutMs,
    ...given('dependency', dependency),
  };
}

/** Pauses and strategies of further attempts. */
export function retryRule(retry: AuthoredRetry): RetryRule {
  const delayMs = optionalDuration(retry.delay) ?? DEFAULTS.retryDelayMs;
  return {
    delayMs,
    factor: retry.factor ?? DEFAULTS.retryFactor,
    maxDelayMs: optionalDuration(retry.max_delay) ?? Math.max(delayMs, DEFAULTS.retryMaxDelayMs),
    jitter: retry.jitter ?? DEFAULTS.retryJitter,
    ...given('on', retry.on === undefined ? undefined : listOf<number | string>(retry.on)),
    ...given('strategies', strategies(retry.strategies)),
  };
}

/** A gate; to be asked for only where there is one. */
export function approval(authored: AuthoredStage): ApprovalRule {
  return {
    approvers: listOf(authored.approvers),
    quorum: authored.quorum ?? DEFAULTS.quorum,
    timeoutMs: optionalDuration(authored.approval_timeout) ?? DEFAULTS.approvalTimeoutMs,
    onTimeout: authored.approval_default ?? DEFAULTS.approvalDefault,
    preventSelfApproval: authored.prevent_self_approval ?? false,
  };
}

/** Stop conditions; without any there is no limit. */
export function limits(authored: AuthoredLimits | undefined): Limits {
  const { max_cost_usd: cost, quota_wait: wait } = authored ?? {};
  return {
    ...given('retryRate', authored?.retry_rate),
    ...given('rejectRate', authored?.reject_rate),
    ...given('afterFrames', authored?.after_frames),
    ...given('consecutiveFails', authored?.consecutive_fails),
    ...given('maxAttempts', authored?.max_attempts),
    ...given('maxCostMicroUsd', cost === undefined ? undefined : Math.max(1, Math.round(cost * 1_000_000))),
    ...given('maxTokens', authored?.max_tokens),
    ...given('maxDurationMs', optionalDuration(authored?.max_duration)),
    ...given('stallTimeoutMs', optionalDuration(authored?.stall_timeout)),
    ...given('quotaWaitMs', wait === undefined ? undefined : parseWait(wait)),
  };
}

function strategies(written: AuthoredRetry['strategies']): readonly Strategy[] | undefined {
  return written === undefined ? undefined : strategiesOf(written).map(({ strategy }) => strategy);
}
