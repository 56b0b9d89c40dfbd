import { limitsOf, variablesOf } from './aliases.ts';
import type { PipelineContext } from './context.ts';
import { DEFAULTS } from './defaults.ts';
import type { Condition, Pipeline, Stage } from './definition.ts';
import { type Draft, type DraftStage, listOf } from './draft.ts';
import { optionalDuration } from './duration.ts';
import type { Path } from './finding.ts';
import { given } from './given.ts';
import { condition, trigger, type WrittenAt } from './normal-guards.ts';
import { approval, audit, exported, job, limits, retryRule, undo } from './normal-work.ts';
import { fallbackAgent } from './rules/agents.ts';

/** Names resolved and checked, as numbers of stages. */
export interface Resolved {
  readonly needs: readonly (readonly number[])[];
  readonly rollbackTargets: ReadonlyMap<number, number>;
}

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
    timeoutMs:
      optionalDuration(authored.timeout) ?? optionalDuration(defaults?.timeout) ?? DEFAULTS.timeoutMs,
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
