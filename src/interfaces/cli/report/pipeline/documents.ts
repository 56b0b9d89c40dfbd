import type { FoundDefinition } from '../../../../compose/pipelines/find.ts';
import type { ListedPipeline } from '../../../../compose/pipelines/list.ts';
import type { UpcomingTimes } from '../../../../compose/pipelines/schedules.ts';
import type { Pipeline, Stage } from '../../../../core/pipeline/definition.ts';
import type { PipelineProblem } from '../../../../core/pipeline/problem.ts';
import { exportDefinition, limitsRecord, stageFramesRecord } from '../../../../core/record/definition.ts';
import type {
  PipelineDetailsDocument,
  PipelineRecord,
  PipelineSummaryDocument,
  ScheduleSummaryDocument,
  StageSummaryDocument,
} from '../../../contract/pipeline.ts';
import type { DefinitionProblemDocument, ValidationDocument } from '../../../contract/problem.ts';
import { triggersAsText } from '../graph/stage-text.ts';

type Row = Omit<PipelineRecord, 'definition'>;

/** The columns of a registered pipeline, and no others. */
export function rowOf({ id, name, enabled, created_at, updated_at, revision, hash }: Row): Row {
  return { id, name, enabled, created_at, updated_at, revision, hash };
}

export function problemDocument(problem: PipelineProblem): DefinitionProblemDocument {
  const { severity, code, message, file, line, column, length, hint } = problem;
  return {
    severity,
    code,
    message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(length === undefined ? {} : { length }),
    ...(hint === undefined ? {} : { hint }),
  };
}

export function validationDocument(problems: readonly PipelineProblem[]): ValidationDocument {
  return {
    valid: !problems.some(({ severity }) => severity === 'error'),
    problems: problems.map(problemDocument),
  };
}

export function summaryDocument({ seen, pipeline, lastRun }: ListedPipeline): PipelineSummaryDocument {
  return {
    ...rowOf(seen.record),
    file: seen.file,
    definition_state: seen.definition.state,
    description: pipeline?.description ?? '',
    stages: pipeline?.stages.length ?? null,
    triggers: pipeline === undefined ? null : triggersAsText(pipeline.triggers ?? []),
    last_run: lastRun === undefined ? null : lastRunDocument(lastRun),
  };
}

export function detailsDocument(
  found: FoundDefinition & { readonly pipeline: Pipeline },
  more: {
    readonly lastRun: ListedPipeline['lastRun'];
    readonly schedules: readonly UpcomingTimes[];
  },
): PipelineDetailsDocument {
  const { record, pipeline, source, state, problems } = found;
  return {
    pipeline: record === undefined ? null : { ...rowOf(record), definition: source.text },
    name: record?.name ?? pipeline.name,
    file: source.file,
    definition_state: state === 'file' ? 'unregistered' : state,
    definition: source.text,
    description: pipeline.description,
    version: pipeline.version ?? null,
    variables: { ...pipeline.variables },
    max_parallel: pipeline.maxParallel,
    limits: limitsRecord(pipeline.limits),
    export: pipeline.export === undefined ? null : exportDefinition(pipeline.export, asWritten),
    triggers: triggersAsText(pipeline.triggers ?? []),
    schedules: more.schedules.map(scheduleDocument),
    stages: pipeline.stages.map(stageDocument),
    last_run: more.lastRun === undefined ? null : lastRunDocument(more.lastRun),
    problems: problems.map(problemDocument),
  };
}

const asWritten = (text: string): string => text;

function scheduleDocument({ schedule, next }: UpcomingTimes): ScheduleSummaryDocument {
  const { cron, timezone, catchUp } = schedule;
  return { cron, timezone, catch_up: catchUp, next: [...next] };
}

function stageDocument(stage: Stage): StageSummaryDocument {
  const { work, approval } = stage;
  return {
    name: stage.name,
    group: stage.group ?? null,
    depends_on: [...stage.needs],
    agent: work.kind === 'agent' ? work.agent : null,
    work: work.kind === 'agent' ? (work.task ?? null) : work.run,
    environment: stage.environment ?? null,
    timeout_ms: stage.timeoutMs,
    retries: stage.retries,
    on_failure: stage.onFailure,
    rollback_to: stage.rollbackTo ?? null,
    conditional: stage.when !== undefined,
    requires_approval: approval !== undefined,
    approvers: [...(approval?.approvers ?? [])],
    ...stageFramesRecord(stage, asWritten),
  };
}

function lastRunDocument({ document }: NonNullable<ListedPipeline['lastRun']>) {
  return {
    id: document.executionId,
    status: document.phase,
    started_at: document.startedAt,
    completed_at: document.endedAt ?? null,
  };
}
