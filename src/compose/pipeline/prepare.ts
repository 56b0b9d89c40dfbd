import { join } from 'node:path';
import { type AgentRole, runnerOrder } from '../../core/agent-role.ts';
import type { Facts } from '../../core/condition/evaluated.ts';
import type { ApprovalConfig } from '../../core/config/approval-config.ts';
import type { CostConfig } from '../../core/config/cost-config.ts';
import type { RetryConfig } from '../../core/config/retry-config.ts';
import { nearestTo } from '../../core/nearest.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { PipelineProblem } from '../../core/pipeline/parse.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunCreated, RunSettings } from '../../core/run/event.ts';
import { mergeVariables } from '../../core/variable/context.ts';
import { substitute } from '../../core/variable/substitute.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import type { RegistryRecord } from '../../edges/registry/registry.ts';
import { actingUser } from '../acting-user.ts';
import { unknownCost } from '../known-costs.ts';
import type { Refusal } from '../pipelines/change.ts';
import { type Place, placeOf, registryOf } from '../pipelines/place.ts';
import { readRegistered } from '../pipelines/read.ts';
import { shownPath } from '../pipelines/source.ts';
import { probeRunners } from '../probe-runners.ts';
import { createRunner, DEFAULT_RUNNER } from '../runners.ts';
import { projectSecrets } from '../secrets.ts';
import { misnamedStage } from '../stage-options.ts';
import { type PipelineOptions, settingsOf, snapshotOf } from './options.ts';
import { type WorkPlace, workPlaceOf } from './place.ts';
import { rolesOf } from './roles.ts';

/** What somebody, or an event, wants to be run. */
export interface RunOrder {
  readonly cwd: string;
  /** `--state-dir` as given. */
  readonly stateDirectory: string | undefined;
  readonly name: string;
  /** As given with `--var`; only declared names are taken. */
  readonly variables: Readonly<Record<string, string>>;
  readonly facts: Facts;
  /** What made it begin; the actor of a manual run is the user. */
  readonly cause:
    | { readonly kind: 'manual' }
    | {
        readonly kind: 'event' | 'schedule';
        readonly event: string;
        readonly deliveryId: string;
        readonly actor: string;
      };
  readonly options: PipelineOptions;
  /** Chosen before, by whoever notes down what an event starts. */
  readonly executionId?: string;
  /** Also a disabled pipeline. */
  readonly force: boolean;
  readonly version: string;
}

/** A run that can begin: everything that would stand in its way was looked at, and nothing was written. */
export interface PreparedRun {
  readonly order: RunOrder;
  readonly place: WorkPlace;
  /** Where state belongs; not necessarily where it can be written. */
  readonly stateDirectory: string;
  readonly record: RegistryRecord;
  readonly pipeline: Pipeline;
  readonly warnings: readonly PipelineProblem[];
  readonly roles: ReadonlyMap<string, AgentRole>;
  readonly costs: CostConfig;
  readonly retry: RetryConfig;
  readonly approval: ApprovalConfig;
  readonly cause: NonNullable<RunCreated['cause']>;
  /** With its variables filled in. */
  readonly concurrencyGroup?: string;
}

/**
 * Looks at all that a run needs before it begins: its definition, its facts, its agents, and unless `probe` is false
 * its runners. Writes nothing.
 */
export async function prepareRun(order: RunOrder, probe = true): Promise<Result<PreparedRun, Refusal>> {
  const { cwd, name } = order;
  const work = workPlaceOf(cwd);
  const place: Place = { ...placeOf(cwd, order.stateDirectory), root: work.root };
  const registered = registryOf(place).find(name);
  if (!registered.ok) return problem(withFileHint(registered.error, cwd, name));
  const { record } = registered.value;
  if (!record.enabled && !order.force) return problem(disabled(name));
  const { pipeline: read, problems } = await readRegistered(registered.value, place);
  if (read === undefined || problems.some(({ severity }) => severity === 'error')) {
    const { text, file } = registered.value;
    return fail({ kind: 'definition', source: { text, file: shownPath(cwd, file) }, problems });
  }
  const foreign = featureOnly(read);
  if (foreign !== undefined) return problem(foreign);
  const pipeline = snapshotOf(read, order.options);
  const wrongVariable = undeclared(pipeline, order.variables);
  if (wrongVariable !== undefined) return problem(wrongVariable);
  const wrongStage = misnamedStage(order.options, pipeline);
  if (wrongStage !== undefined) return problem(wrongStage);
  const configs = readConfigs(place.stateDirectory);
  if (!configs.ok) return problem(configs.error);
  const roles = await rolesOf(pipeline, work.root);
  if (!roles.ok) return problem(roles.error);
  const { costs, approval } = configs.value;
  const settings = settingsOf(order.options, costs);
  const untold = unknownCost({ pipeline, settings, roles: roles.value, costs });
  if (untold !== undefined) return problem(untold);
  const probed = probe ? await probeAgents(settings, work, roles.value) : ok(undefined);
  if (!probed.ok) return problem(probed.error);
  const group = groupOf(pipeline, order);
  if (!group.ok) return problem(group.error);
  return ok({
    order,
    place: work,
    stateDirectory: place.stateDirectory,
    record,
    pipeline,
    warnings: problems,
    roles: roles.value,
    ...configs.value,
    cause: order.cause.kind === 'manual' ? { kind: 'manual', actor: actingUser(approval) } : order.cause,
    ...(group.value === undefined ? {} : { concurrencyGroup: group.value }),
  });
}

/** Who decides at gates that name nobody (spec: pipelines 1). */
export function defaultApproversOf(approval: ApprovalConfig): readonly string[] {
  return approval.defaultApprovers.length > 0 ? approval.defaultApprovers : [actingUser(approval)];
}

/** The configurations that a run rests on. */
export function readConfigs(
  stateDirectory: string,
): Result<Pick<PreparedRun, 'costs' | 'retry' | 'approval'>> {
  const costs = readConfig(stateDirectory, 'cost');
  if (!costs.ok) return costs;
  const retry = readConfig(stateDirectory, 'retry');
  if (!retry.ok) return retry;
  const approval = readConfig(stateDirectory, 'approval');
  if (!approval.ok) return approval;
  return ok({ costs: costs.value, retry: retry.value, approval: approval.value });
}

/** Whether the runners of all agents start here. Those that were asked for run all of them, where any was named. */
export async function probeAgents(
  asked: Pick<RunSettings, 'runner' | 'fallbackRunners'>,
  place: WorkPlace,
  roles: ReadonlyMap<string, AgentRole>,
): Promise<Result<void>> {
  if (roles.size === 0) return ok(undefined);
  const dependencies = { env: process.env, secrets: projectSecrets(place.mainRoot), cwd: place.root };
  const wanted = [...roles.values()].map((role) => runnerOrder(asked, role, DEFAULT_RUNNER));
  return probeRunners(wanted, {
    runner: (name) => createRunner(name, dependencies),
    validate: true,
  });
}

/** Checks that only the feature pipeline can make would be no checks here. */
function featureOnly(pipeline: Pipeline): Problem | undefined {
  const stage = pipeline.stages.find((one) => one.contract !== undefined || one.reviews !== undefined);
  if (stage === undefined && pipeline.closing === 'none') return undefined;
  const what = stage === undefined ? 'closing: commit' : `the contract or reviews of ${stage.name}`;
  return {
    code: 'feature-pipeline',
    message: `${what} can only be kept by the feature pipeline`,
    hint: 'run it with murmur8 implement-feature <slug>, from .blueprint/pipelines/implement-feature.yaml',
  };
}

/** A misspelt variable would otherwise leave the default in place, and nobody would see. */
function undeclared(pipeline: Pipeline, given: RunOrder['variables']): Problem | undefined {
  const known = Object.keys(pipeline.variables);
  const wrong = Object.keys(given).find((name) => !Object.hasOwn(pipeline.variables, name));
  if (wrong === undefined) return undefined;
  const near = nearestTo(wrong.slice(0, 80), known);
  const declared = known.length === 0 ? 'it declares none' : `it declares ${known.join(', ')}`;
  return {
    code: 'unknown-variable',
    message: `${pipeline.name} declares no variable ${JSON.stringify(wrong.slice(0, 80))}`,
    hint: near === undefined ? `${declared}; add it under "variables"` : `did you mean ${near}?`,
  };
}

function groupOf(pipeline: Pipeline, order: RunOrder): Result<string | undefined> {
  if (pipeline.concurrency === undefined) return ok(undefined);
  const { facts } = order;
  const variables = mergeVariables(pipeline.variables, facts, order.variables);
  return substitute(pipeline.concurrency.group, (reference) => {
    if (reference.kind === 'variable') return own(variables, reference.name);
    if (reference.kind !== 'event') return undefined;
    return own(facts.event, reference.field) ?? (reference.field === 'branch' ? facts.branch : undefined);
  });
}

function own(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function problem(error: Problem): Result<never, Refusal> {
  return fail({ kind: 'problem', problem: error });
}

function withFileHint(error: Problem, cwd: string, name: string): Problem {
  if (error.code !== 'not-found') return error;
  const file = readTextBounded(join(cwd, name), 1 << 16);
  if (!file.ok || file.value === undefined) return error;
  return { ...error, hint: `${name} is a file: register it first with murmur8 pipeline create ${name}` };
}

function disabled(name: string): Problem {
  return {
    code: 'disabled',
    message: `${name} is disabled`,
    hint: `enable it with murmur8 pipeline enable ${name}, or run it once with --force`,
  };
}
