import type { Evaluated } from '../condition/evaluated.ts';
import { layersOf } from '../graph/layers.ts';
import type { Stage } from '../pipeline/definition.ts';
import type { RunCreated } from '../run/event.ts';
import { lookupFrom, mergeVariables } from '../variable/context.ts';
import { writtenReference } from '../variable/reference.ts';
import { type Lookup, substitute } from '../variable/substitute.ts';
import {
  type ExportRow,
  exportDefinition,
  type Fill,
  type LimitsRow,
  limitsRecord,
  type StageFramesRow,
  stageFramesRecord,
  workRecord,
} from './definition.ts';
import { foresee } from './foresee.ts';

export interface DryRunStageRow extends StageFramesRow {
  stage_name: string;
  /** Stages of one step could run at the same time. From one. */
  step: number;
  depends_on: string[];
  /** `depend`: on an output of a stage before it. */
  would: 'run' | 'skip' | 'depend';
  reason_code: string | null;
  message: string | null;
  condition: Evaluated | null;
  /** Null for a command. */
  agent_id: string | null;
  /** Task or command with its variables filled in; outputs of other stages stand as they are written. */
  work: string | null;
  environment: string | null;
  timeout_ms: number;
  retries: number;
  on_failure: Stage['onFailure'];
  rollback_to: string | null;
  approval: {
    approvers: string[];
    quorum: number;
    timeout_ms: number;
    default_action: 'reject' | 'approve';
  } | null;
}

/** What a run would do, as far as it can be told before it begins. */
export interface DryRunRow {
  pipeline: string;
  max_parallel: number;
  concurrency_group: string | null;
  variables: Record<string, string>;
  /** Those of the definition, each overruled by the one given for this run. */
  limits: LimitsRow;
  stages: DryRunStageRow[];
  export: ExportRow | null;
}

export interface DryRunInput {
  readonly created: RunCreated;
  /** Who decides at gates that name nobody. */
  readonly defaultApprovers: readonly string[];
  readonly mask: (text: string) => string;
}

/** The stages in the order in which they would begin, with what would become of each. Does nothing. */
export function dryRun(input: DryRunInput): DryRunRow {
  const { created, mask } = input;
  const foreseen = foresee(created);
  const variables = mergeVariables(created.pipeline.variables, created.facts ?? {}, created.variables);
  const stages = layersOf(created.pipeline.stages).flatMap((layer, index) =>
    layer.map((stage): DryRunStageRow => {
      const fate = foreseen.get(stage.name) ?? { would: 'run' };
      return {
        ...whatIsDone(stage, input),
        step: index + 1,
        would: fate.would,
        reason_code: fate.would === 'skip' ? fate.reason : null,
        message: fate.would === 'skip' ? (fate.detail ?? null) : null,
        condition: fate.would === 'run' ? null : (fate.condition ?? null),
      };
    }),
  );
  return {
    pipeline: created.pipeline.name,
    max_parallel: created.pipeline.maxParallel,
    concurrency_group: created.concurrencyGroup ?? null,
    variables: Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, mask(text)])),
    limits: limitsRecord({ ...created.pipeline.limits, ...created.settings.limits }),
    stages,
    export:
      created.pipeline.export === undefined
        ? null
        : exportDefinition(created.pipeline.export, fillOf(lookupOf(created), mask)),
  };
}

/** What cannot be filled in stands as it is written. */
function fillOf(lookup: Lookup, mask: (text: string) => string): Fill {
  return (text) => {
    const filled = substitute(text, lookup);
    return mask(filled.ok ? filled.value : text);
  };
}

function whatIsDone(
  stage: Stage,
  { created, mask, defaultApprovers }: DryRunInput,
): Omit<DryRunStageRow, 'step' | 'would' | 'reason_code' | 'message' | 'condition'> {
  const lookup = lookupOf(created, stage.environment);
  const fill = fillOf(lookup, mask);
  return {
    stage_name: stage.name,
    depends_on: [...stage.needs],
    ...workRecord(stage.work, fill),
    ...stageFramesRecord(stage, fill),
    environment: lookup({ kind: 'environment' }) ?? null,
    timeout_ms: stage.timeoutMs,
    retries: stage.retries,
    on_failure: stage.onFailure,
    rollback_to: stage.rollbackTo ?? null,
    approval: approvalOf(stage, defaultApprovers),
  };
}

function approvalOf({ approval }: Stage, defaultApprovers: readonly string[]): DryRunStageRow['approval'] {
  if (approval === undefined) return null;
  const approvers = approval.approvers.length > 0 ? approval.approvers : defaultApprovers;
  const { quorum } = approval;
  return {
    approvers: [...approvers],
    quorum: quorum === 'all' ? approvers.length : quorum === 'any' ? 1 : quorum,
    timeout_ms: approval.timeoutMs,
    default_action: approval.onTimeout,
  };
}

/** What is only known once the run is under way stays as it is written. */
function lookupOf({ pipeline, facts = {}, variables }: RunCreated, environment?: string): Lookup {
  const known = lookupFrom({
    variables: mergeVariables(pipeline.variables, facts, variables),
    facts,
    outputsOf: () => undefined,
    runId: writtenReference({ kind: 'run', field: 'id' }),
    ...(environment === undefined ? {} : { environment }),
  });
  return (reference) =>
    known(reference) ?? (reference.kind === 'environment' ? environment : writtenReference(reference));
}
