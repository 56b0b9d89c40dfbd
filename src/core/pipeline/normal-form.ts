import { branchesOf, conditionList, labelsOf, limitsOf, pathsOf, variablesOf } from './aliases.ts';
import type {
  AuthoredAudit,
  AuthoredCondition,
  AuthoredExport,
  AuthoredLimits,
  AuthoredRetry,
  AuthoredRollback,
  AuthoredStage,
} from './authored.ts';
import type { PipelineContext } from './context.ts';
import { DEFAULTS } from './defaults.ts';
import type {
  ApprovalRule,
  Audit,
  Condition,
  Export,
  Job,
  Limits,
  Pipeline,
  RetryRule,
  Stage,
  Strategy,
  Trigger,
  Undo,
} from './definition.ts';
import { type Draft, type DraftStage, itemPath, listOf } from './draft.ts';
import { parseDuration } from './duration.ts';
import type { Path } from './finding.ts';
import { fallbackAgent } from './rules/agents.ts';
import { strategiesOf } from './rules/strategies.ts';
import { scheduleOf } from './rules/triggers.ts';

/** Names resolved and checked, as numbers of stages. */
export interface Resolved {
  readonly needs: readonly (readonly number[])[];
  readonly rollbackTargets: ReadonlyMap<number, number>;
}

/** How a number or boolean stands in the file: `1.0` is not `1`. */
export type WrittenAt = (path: Path) => string | undefined;

/** The normal form of a definition in which nothing is wrong. */
export function normalForm(
  draft: Draft,
  resolved: Resolved,
  context: PipelineContext,
  writtenAt: WrittenAt,
): Pipeline {
  const { authored } = draft;
  const variables = authored.variables === undefined ? 'variable' : 'variables';
  return {
    name: authored.name,
    description: authored.description ?? '',
    ...given('version', authored.version),
    variables: texts(variablesOf(authored) ?? {}, [variables], writtenAt),
    ...given('triggers', authored.triggers?.map(trigger)),
    ...given(
      'concurrency',
      authored.concurrency && {
        group: authored.concurrency.group,
        cancelInProgress: authored.concurrency.cancel_in_progress ?? false,
      },
    ),
    maxParallel: authored.max_parallel ?? DEFAULTS.maxParallel,
    limits: limits(authored.limits),
    stages: draft.stages.map((stage) => normalStage(draft, resolved, context, writtenAt, stage)),
    closing: authored.closing ?? 'none',
    ...given('export', authored.export && exported(authored.export)),
  };
}

function normalStage(
  draft: Draft,
  { needs, rollbackTargets }: Resolved,
  context: PipelineContext,
  writtenAt: WrittenAt,
  self: DraftStage,
): Stage {
  const { authored, index, group } = self;
  const { defaults } = draft.authored;
  const nameOf = (stage: number): string => draft.stages[stage]?.authored.name ?? '';
  const agent = authored.agent ?? fallbackAgent(draft, context) ?? '';
  const stage: Writable<Stage> = {
    name: authored.name,
    needs: (needs[index] ?? []).map(nameOf),
    work: job(authored.run, authored.task, authored.model ?? defaults?.model, agent),
    timeoutMs: duration(authored.timeout) ?? duration(defaults?.timeout) ?? DEFAULTS.timeoutMs,
    retries: authored.retries ?? authored.retry?.max ?? defaults?.retries ?? DEFAULTS.retries,
    repairs: authored.run === undefined ? DEFAULTS.agentRepairs : DEFAULTS.commandRepairs,
    onFailure: authored.on_failure ?? defaults?.on_failure ?? DEFAULTS.onFailure,
  };
  // One by one and only what is there: a file may hold very many stages.
  if (group?.authored.name !== undefined) stage.group = group.authored.name;
  // Stages of the feature pipeline pause as suits the failure.
  if (stage.retries > 0 && (authored.contract === undefined || authored.retry?.strategies !== undefined))
    stage.retry = retryRule(authored.retry ?? {});
  const target = rollbackTargets.get(index);
  if (target !== undefined) stage.rollbackTo = nameOf(target);
  if (authored.rollback !== undefined) stage.rollback = undo(authored.rollback, agent, defaults?.model);
  if (authored.requires_approval === true) stage.approval = approval(authored);
  if (authored.environment !== undefined) stage.environment = authored.environment;
  if (authored.env !== undefined) stage.env = texts(authored.env, [...self.path, 'env'], writtenAt);
  if (authored.working_directory !== undefined) stage.workingDirectory = authored.working_directory;
  if (authored.outputs !== undefined) stage.outputs = listOf(authored.outputs);
  if (authored.produces !== undefined) stage.produces = listOf(authored.produces);
  if (authored.contract !== undefined) stage.contract = authored.contract;
  if (authored.foreach !== undefined) stage.foreach = authored.foreach;
  if (authored.max_parallel !== undefined) stage.maxParallel = authored.max_parallel;
  if (authored.audit !== undefined) {
    stage.audit = audit(authored.audit, defaults?.model);
    // What is rejected is made again as often as what failed.
    stage.repairs = Math.max(stage.repairs, stage.retries);
  }
  const own = limitsOf(authored);
  if (own !== undefined) stage.limits = limits(own);
  if (authored.reviews !== undefined) stage.reviews = listOf(authored.reviews);
  const when = whenOf(self, writtenAt);
  if (when !== undefined) stage.when = when;
  if (authored.dependency !== undefined) stage.dependency = authored.dependency;
  return stage;
}

/** A group's condition holds for all of its stages, beside their own. */
function whenOf(stage: DraftStage, writtenAt: WrittenAt): Condition | undefined {
  if (stage.authored.when === undefined && stage.group === undefined) return undefined;
  const conditions: Condition[] = [];
  for (const owner of [stage.group, stage])
    if (owner?.authored.when !== undefined)
      conditions.push(condition(owner.authored.when, [...owner.path, 'when'], writtenAt));
  return conditions.length > 1 ? { and: conditions } : conditions[0];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function job(
  run: string | undefined,
  task: string | undefined,
  model: string | undefined,
  agent: string,
): Job {
  if (run !== undefined) return { kind: 'command', run };
  return { kind: 'agent', agent, ...given('task', task), ...given('model', model) };
}

function undo(rollback: AuthoredRollback, agent: string, model: string | undefined): Undo {
  return {
    work: job(rollback.run, rollback.task, model, rollback.agent ?? agent),
    timeoutMs: duration(rollback.timeout) ?? DEFAULTS.rollbackTimeoutMs,
  };
}

function audit(written: string | AuthoredAudit, fallbackModel: string | undefined): Audit {
  const {
    run,
    task,
    agent = '',
    model = fallbackModel,
    timeout,
  } = typeof written === 'string' ? { run: written } : written;
  return { work: job(run, task, model, agent), timeoutMs: duration(timeout) ?? DEFAULTS.auditTimeoutMs };
}

function exported({ location, run, files, validate, timeout, dependency }: AuthoredExport): Export {
  return {
    location,
    ...given('run', run),
    files: listOf(files),
    ...given('validate', validate),
    timeoutMs: duration(timeout) ?? DEFAULTS.exportTimeoutMs,
    ...given('dependency', dependency),
  };
}

function strategies(written: AuthoredRetry['strategies']): readonly Strategy[] | undefined {
  return written === undefined ? undefined : strategiesOf(written).map(({ strategy }) => strategy);
}

function retryRule(retry: AuthoredRetry): RetryRule {
  const delayMs = duration(retry.delay) ?? DEFAULTS.retryDelayMs;
  return {
    delayMs,
    factor: retry.factor ?? DEFAULTS.retryFactor,
    maxDelayMs: duration(retry.max_delay) ?? Math.max(delayMs, DEFAULTS.retryMaxDelayMs),
    jitter: retry.jitter ?? DEFAULTS.retryJitter,
    ...given('on', retry.on === undefined ? undefined : listOf<number | string>(retry.on)),
    ...given('strategies', strategies(retry.strategies)),
  };
}

function approval(authored: AuthoredStage): ApprovalRule {
  return {
    approvers: listOf(authored.approvers),
    quorum: authored.quorum ?? DEFAULTS.quorum,
    timeoutMs: duration(authored.approval_timeout) ?? DEFAULTS.approvalTimeoutMs,
    onTimeout: authored.approval_default ?? DEFAULTS.approvalDefault,
    preventSelfApproval: authored.prevent_self_approval ?? false,
  };
}

/** Nested at most as deep as the reader of YAML allows. */
function condition(authored: AuthoredCondition, path: Path, writtenAt: WrittenAt): Condition {
  const key = authored.variable === undefined ? 'variables' : 'variable';
  const inner = (word: 'and' | 'or' | 'not'): readonly Condition[] | undefined => {
    const written = authored[word];
    return written === undefined
      ? undefined
      : conditionList(written).map((one, index) =>
          condition(one, itemPath([...path, word], written, index), writtenAt),
        );
  };
  return {
    ...given('branch', branchesOf(authored)),
    ...given('path', pathsOf(authored)),
    ...given('label', labelsOf(authored)),
    ...given('variable', wantedValues(authored[key], [...path, key], writtenAt)),
    ...given('and', inner('and')),
    ...given('or', inner('or')),
    ...given('not', inner('not')),
  };
}

function wantedValues(
  wanted: AuthoredCondition['variable'],
  path: Path,
  writtenAt: WrittenAt,
): Condition['variable'] | undefined {
  if (wanted === undefined) return undefined;
  const text = (value: string | number | boolean, at: Path): string =>
    typeof value === 'string' ? value : (writtenAt(at) ?? String(value));
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [
      name,
      typeof value === 'object'
        ? value.map((one, index) => text(one, [...path, name, index]))
        : text(value, [...path, name]),
    ]),
  );
}

function trigger(authored: NonNullable<Draft['authored']['triggers']>[number]): Trigger {
  return {
    ...given('event', optionalList(authored.event)),
    ...given('branches', branchesOf(authored)),
    ...given('paths', pathsOf(authored)),
    ...given('labels', labelsOf(authored)),
    ...given('schedule', scheduleOf(authored)),
    ...given('forks', authored.forks),
  };
}

function limits(authored: AuthoredLimits | undefined): Limits {
  const cost = authored?.max_cost_usd;
  return {
    ...given('retryRate', authored?.retry_rate),
    ...given('rejectRate', authored?.reject_rate),
    ...given('afterFrames', authored?.after_frames),
    ...given('consecutiveFails', authored?.consecutive_fails),
    ...given('maxAttempts', authored?.max_attempts),
    ...given('maxCostMicroUsd', cost === undefined ? undefined : Math.max(1, Math.round(cost * 1_000_000))),
    ...given('maxTokens', authored?.max_tokens),
    ...given('maxDurationMs', duration(authored?.max_duration)),
    ...given('stallTimeoutMs', duration(authored?.stall_timeout)),
  };
}

/** Values as text; numbers and booleans as they stand in the file. */
function texts(
  map: Readonly<Record<string, string | number | boolean>>,
  path: Path,
  writtenAt: WrittenAt,
): Record<string, string> {
  const entries = Object.entries(map).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : (writtenAt([...path, name]) ?? String(value)),
  ]);
  return Object.fromEntries(entries);
}

function optionalList(written: string | readonly string[] | undefined): readonly string[] | undefined {
  return written === undefined ? undefined : listOf(written);
}

function duration(written: string | undefined): number | undefined {
  return written === undefined ? undefined : parseDuration(written);
}

/** A property that is only there when it has a value. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
