import type { RunState } from '../run/state.ts';
import { calculateRunStatus } from '../status/run-status.ts';
import { inUsd } from './agent-attributes.ts';
import { METRIC_NAME, NAME, VALUE } from './names.ts';
import { needsErrorType, resultOfRun } from './run-result.ts';
import type { Attributes } from './span.ts';

/** What is said of the run as a whole. Its figures are those of all its segments so far, as its status shows them. */
export function rootAttributes(state: RunState): Partial<Attributes> {
  const { created, metrics } = state;
  const result = resultOfRun(state);
  return {
    [NAME.pipeline]: state.pipeline.name,
    [NAME.pipelineAction]: VALUE.run,
    [NAME.pipelineRunId]: state.runId,
    [NAME.pipelineResult]: result,
    ...(needsErrorType(result) ? { [NAME.errorType]: state.code } : {}),
    ...versionControl(state),
    [NAME.execution]: state.executionId,
    [NAME.segment]: state.runIds.indexOf(state.runId) + 1,
    [NAME.phase]: state.phase,
    [NAME.reason]: state.code,
    ...optional(NAME.failedStage, state.phase === 'failed' ? state.failedStage : undefined),
    ...optional(NAME.feature, created.feature?.slug),
    ...optional(NAME.trigger, created.cause?.kind),
    ...optional(NAME.event, created.cause?.event),
    ...runMetrics(state),
    [NAME.tokens]: metrics.tokens,
    [NAME.totalCost]: inUsd(metrics.costMicroUsd),
    [NAME.unknownCost]: metrics.unknownCost,
  };
}

function runMetrics(state: RunState): Partial<Attributes> {
  const { metrics } = calculateRunStatus(state);
  const attributes: Record<string, number> = {};
  for (const [key, name] of Object.entries(METRIC_NAME) as [keyof typeof METRIC_NAME, string][])
    attributes[name] = metrics[key];
  return attributes;
}

function versionControl({ created }: RunState): Partial<Attributes> {
  const branch = created.facts?.branch;
  return {
    ...optional(NAME.branch, branch),
    ...optional(NAME.branchType, branch === undefined ? undefined : VALUE.branch),
    ...optional(NAME.revision, created.head ?? undefined),
  };
}

function optional(name: string, value: string | undefined): Partial<Attributes> {
  return value === undefined ? {} : { [name]: value };
}
