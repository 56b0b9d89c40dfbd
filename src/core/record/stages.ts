import type { Stage } from '../pipeline/definition.ts';
import type { AttemptState, RunState, StageState } from '../run/state.ts';
import { lookupIn } from '../run/variables.ts';
import { type FramesRow, framesRecord, listedFrames } from './frames.ts';

export interface StageAttemptRow {
  frame: number;
  attempt: number;
  agent_id: string;
  runner: string;
  model: string | null;
  strategy: string | null;
  /** `running`, `interrupted` with its run, or how it ended. */
  outcome: string;
  /** What became of its result. */
  verdict: 'approved' | 'rejected' | null;
  reason_code: string | null;
  exit_code: number | null;
  message: string | null;
  /** What was wrong with its result: at most ten. */
  findings: string[];
  /** Longest silence in ms, if it was ended for it. */
  silent_ms: number | null;
  started_at: string;
  completed_at: string | null;
  log_file: string | null;
  /** What its latest check printed. */
  audit_log_file: string | null;
  /** Checks of its result that could not be made. */
  audit_failures: { outcome: string; reason_code: string | null; message: string | null; at: string }[];
}

/** A row of the seed's `pipeline_stages`, with what belongs to it. */
export interface PipelineStageRow {
  id: string;
  run_id: string;
  stage_name: string;
  /** `interrupted`: at work when its run stopped; `completed_at` is then when that was. */
  status: StageState['status'] | 'interrupted';
  agent_id: string | null;
  environment: string | null;
  depends_on: string[];
  started_at: string | null;
  completed_at: string | null;
  reason_code: string | null;
  message: string | null;
  outputs: Record<string, string>;
  frames: FramesRow;
  /** The latest of each listed frame, about 2,000 in all. */
  attempts: StageAttemptRow[];
  approval_ids: string[];
  rolled_back_by: string | null;
}

const MOST_ATTEMPTS = 2_000;
const MOST_FINDINGS = 10;

/**
 * The run's stages, in the order of the definition. `lostOwner`: the journal says that it is under way, and nobody
 * drives it.
 */
export function stageRecords(state: RunState, lostOwner = false): PipelineStageRow[] {
  const over = timeOfStop(state, lostOwner);
  return [...state.stages.values()].map((stage) => stageRecord(state, stage, over));
}

/** When the work at a run stopped; undefined as long as it goes on, or waits for people. */
function timeOfStop(state: RunState, lostOwner: boolean): string | undefined {
  return state.endedAt ?? (lostOwner ? state.at : undefined);
}

function stageRecord(state: RunState, stage: StageState, over: string | undefined): PipelineStageRow {
  const definition = state.definitions.get(stage.name);
  const listed = listedFrames(stage);
  const most = Math.max(1, Math.floor(MOST_ATTEMPTS / Math.max(1, listed.length)));
  const attempts = listed.flatMap(({ index, attempts: made }) =>
    made.slice(-most).map((attempt) => ({ frame: index, attempt })),
  );
  const isInterrupted = stage.status === 'running' && over !== undefined;
  return {
    id: `${state.executionId}/${stage.name}`,
    run_id: state.executionId,
    stage_name: stage.name,
    status: isInterrupted ? 'interrupted' : stage.status,
    agent_id: agentOf(state, stage),
    environment: environmentOf(state, definition),
    depends_on: [...(definition?.needs ?? [])],
    started_at: stage.startedAt ?? null,
    completed_at: stage.endedAt ?? (isInterrupted ? over : null),
    reason_code: stage.skip?.reason ?? stage.code ?? null,
    message: stage.skip?.detail ?? stage.message ?? null,
    outputs: { ...stage.outputs },
    frames: framesRecord(stage, listed, over !== undefined),
    attempts: attempts.map(({ frame, attempt }) => attemptRecord(frame, attempt, over)),
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
function agentOf(state: RunState, stage: StageState): string | null {
  const work = state.definitions.get(stage.name)?.work;
  if (work?.kind !== 'agent') return null;
  let latest: AttemptState | undefined;
  for (const { attempts } of stage.frames) {
    const last = attempts.at(-1);
    if (last !== undefined && last.startedAt >= (latest?.startedAt ?? '')) latest = last;
  }
  return latest?.agent ?? work.agent;
}

function attemptRecord(frame: number, attempt: AttemptState, over: string | undefined): StageAttemptRow {
  return {
    frame,
    attempt: attempt.number,
    agent_id: attempt.agent,
    runner: attempt.runner,
    model: attempt.model ?? null,
    strategy: attempt.strategy ?? null,
    outcome: attempt.outcome === 'running' && over !== undefined ? 'interrupted' : attempt.outcome,
    verdict: attempt.verdict ?? null,
    reason_code: attempt.code ?? null,
    exit_code: attempt.exitCode ?? null,
    message: attempt.message ?? null,
    findings: attempt.findings.slice(0, MOST_FINDINGS),
    silent_ms: attempt.silentMs ?? null,
    started_at: attempt.startedAt,
    completed_at: attempt.endedAt ?? over ?? null,
    log_file: attempt.logFile ?? null,
    audit_log_file: attempt.auditLogFile ?? null,
    audit_failures: (attempt.auditFailures ?? []).map(({ outcome, code, message, at }) => ({
      outcome,
      reason_code: code ?? null,
      message: message ?? null,
      at,
    })),
  };
}
