import type { Stage } from '../pipeline/definition.ts';
import type { AttemptState, RunState, StageState } from '../run/state.ts';
import { lookupIn } from '../run/variables.ts';

export interface StageAttemptRow {
  frame: number;
  attempt: number;
  agent_id: string;
  runner: string;
  model: string | null;
  outcome: string;
  exit_code: number | null;
  message: string | null;
  started_at: string;
  completed_at: string | null;
  log_file: string | null;
}

/** A row of the seed's `pipeline_stages`, with what belongs to it. */
export interface PipelineStageRow {
  id: string;
  run_id: string;
  stage_name: string;
  status: StageState['status'];
  agent_id: string | null;
  environment: string | null;
  depends_on: string[];
  started_at: string | null;
  completed_at: string | null;
  reason_code: string | null;
  message: string | null;
  outputs: Record<string, string>;
  attempts: StageAttemptRow[];
  approval_ids: string[];
  rolled_back_by: string | null;
}

/** The run's stages, in the order of the definition. */
export function stageRecords(state: RunState): PipelineStageRow[] {
  return [...state.stages.values()].map((stage) => stageRecord(state, stage));
}

function stageRecord(state: RunState, stage: StageState): PipelineStageRow {
  const definition = state.definitions.get(stage.name);
  const attempts = stage.frames.flatMap(({ index, attempts: made }) =>
    made.map((attempt) => ({ frame: index, attempt })),
  );
  return {
    id: `${state.executionId}/${stage.name}`,
    run_id: state.executionId,
    stage_name: stage.name,
    status: stage.status,
    agent_id: agentOf(state, stage, latestOf(attempts.map(({ attempt }) => attempt))),
    environment: environmentOf(state, definition),
    depends_on: [...(definition?.needs ?? [])],
    started_at: stage.startedAt ?? null,
    completed_at: stage.endedAt ?? null,
    reason_code: stage.skip?.reason ?? stage.code ?? null,
    message: stage.skip?.detail ?? stage.message ?? null,
    outputs: { ...stage.outputs },
    attempts: attempts.map(({ frame, attempt }) => attemptRecord(frame, attempt)),
    approval_ids: [...stage.approvals],
    rolled_back_by: stage.undoneBy ?? null,
  };
}

/** As it is written as long as it cannot be filled in. */
function environmentOf(state: RunState, definition: Stage | undefined): string | null {
  const written = definition?.environment;
  if (definition === undefined || written === undefined) return null;
  return lookupIn(state, definition.name)({ kind: 'environment' }) ?? written;
}

/** Of the latest attempt; of the definition as long as there is none. A command has no agent. */
function agentOf(state: RunState, stage: StageState, latest: AttemptState | undefined): string | null {
  const work = state.definitions.get(stage.name)?.work;
  if (work?.kind !== 'agent') return null;
  return latest?.agent ?? work.agent;
}

function latestOf(attempts: readonly AttemptState[]): AttemptState | undefined {
  return attempts.reduce<AttemptState | undefined>(
    (latest, attempt) => (latest === undefined || attempt.startedAt >= latest.startedAt ? attempt : latest),
    undefined,
  );
}

function attemptRecord(frame: number, attempt: AttemptState): StageAttemptRow {
  return {
    frame,
    attempt: attempt.number,
    agent_id: attempt.agent,
    runner: attempt.runner,
    model: attempt.model ?? null,
    outcome: attempt.outcome,
    exit_code: attempt.exitCode ?? null,
    message: attempt.message ?? null,
    started_at: attempt.startedAt,
    completed_at: attempt.endedAt ?? null,
    log_file: attempt.logFile ?? null,
  };
}
