import { latestApproval } from '../run/approval-events.ts';
import { framesAtWork } from '../run/frames.ts';
import { openQuestionOf } from '../run/question.ts';
import type { RunState } from '../run/state.ts';
import { tokensOf } from '../run/usage.ts';
import { statusWordOf } from './reason.ts';
import { calculateRunStatus, type RunStatus } from './run-status.ts';

/** The form of `state.json`; readers accept it and older ones. */
export const STATUS_DOCUMENT_VERSION = 1;

/** What `state.json` holds: bounded, whatever the size of the run. */
export interface StatusDocument {
  readonly v: number;
  readonly executionId: string;
  readonly runId: string;
  readonly previousRunId: string | null;
  /** Ids of the last 50 segments, oldest first. */
  readonly runIds: readonly string[];
  readonly pipeline: string;
  /** Of YAML pipelines: id in the registry, what began the run, the group in which runs do not overlap. */
  readonly pipelineId?: string;
  readonly revision?: number;
  readonly cause?: RunState['created']['cause'];
  readonly concurrencyGroup?: string;
  readonly slug?: string;
  readonly workingTree: string;
  /** Which model each stage gets, and why, where `--model auto` chose. */
  readonly modelChoices?: RunState['settings']['modelChoices'];
  readonly phase: RunState['phase'];
  readonly startedAt: string;
  readonly segmentStartedAt: string;
  readonly endedAt?: string;
  readonly status: RunStatus;
  /** The last 20 statuses, oldest first. */
  readonly status_history: readonly StatusChange[];
  /** The first 50 stages. */
  readonly stages: readonly StageSummary[];
  readonly question?: string;
  /** Approvals that are open, at most 50. */
  readonly approvals?: readonly OpenApproval[];
  readonly rollback?: { readonly target: string; readonly status: string; readonly cause: string };
  /** A stage failed that the run was allowed to go on without. */
  readonly withWarnings?: boolean;
  readonly commit?: string;
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly unknownCost: number;
}

export interface OpenApproval {
  readonly id: string;
  readonly stage: string;
  readonly deadline: string;
  readonly quorum: number;
  readonly approved: number;
  /** Who may still vote. */
  readonly waitingFor: readonly string[];
}

export interface StatusChange {
  readonly timestamp: string;
  readonly status: string;
  readonly reason_code: string;
}

export interface StageSummary {
  readonly name: string;
  readonly status: string;
  readonly frames: number;
  /** Frames that are approved. */
  readonly done: number;
  /** Frames that failed or were rejected. */
  readonly failed?: number;
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
}

const KEPT_STATUSES = 20;
const KEPT_STAGES = 50;
const KEPT_RUN_IDS = 50;

/** The document after the latest events; `previous` are the statuses before. */
export function statusDocument(state: RunState, previous: readonly StatusChange[]): StatusDocument {
  const status = calculateRunStatus(state);
  const question = openQuestion(state);
  return {
    v: STATUS_DOCUMENT_VERSION,
    executionId: state.executionId,
    runId: state.runId,
    previousRunId: state.previousRunId,
    runIds: state.runIds.slice(-KEPT_RUN_IDS),
    pipeline: state.pipeline.name,
    ...causeOf(state),
    ...(state.created.feature === undefined ? {} : { slug: state.created.feature.slug }),
    workingTree: state.created.workingTree,
    ...(state.settings.modelChoices === undefined ? {} : { modelChoices: state.settings.modelChoices }),
    phase: state.phase,
    startedAt: state.startedAt,
    segmentStartedAt: state.segmentStartedAt,
    ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
    status,
    status_history: nextStatuses(state, previous),
    stages: summariesOf(state),
    ...(question === undefined ? {} : { question }),
    ...gatesOf(state),
    ...(state.closed?.commit === undefined ? {} : { commit: state.closed.commit }),
    ...usedSoFar(state),
    unknownCost: state.metrics.unknownCost,
  };
}

/** With what attempts at work have told so far: it is counted when they end. */
function usedSoFar(state: RunState): Pick<StatusDocument, 'tokens' | 'costMicroUsd'> {
  let { tokens, costMicroUsd } = state.metrics;
  for (const name of state.active) {
    const stage = state.stages.get(name);
    for (const frame of stage === undefined ? [] : framesAtWork(stage)) {
      const last = frame.attempts.at(-1);
      if (last?.outcome !== 'running' || last.usage === undefined) continue;
      tokens += tokensOf(last.usage);
      costMicroUsd += last.usage.costMicroUsd ?? 0;
    }
  }
  return { tokens, costMicroUsd };
}

function causeOf({
  created,
}: RunState): Pick<StatusDocument, 'pipelineId' | 'revision' | 'cause' | 'concurrencyGroup'> {
  const { registered, cause, concurrencyGroup } = created;
  return {
    ...(registered === undefined ? {} : { pipelineId: registered.id, revision: registered.revision }),
    ...(cause === undefined ? {} : { cause }),
    ...(concurrencyGroup === undefined ? {} : { concurrencyGroup }),
  };
}

function gatesOf(state: RunState): Pick<StatusDocument, 'approvals' | 'rollback' | 'withWarnings'> {
  const rollback = state.rollbacks.at(-1);
  const approvals = openApprovals(state);
  return {
    ...(approvals.length === 0 ? {} : { approvals }),
    ...(rollback === undefined
      ? {}
      : { rollback: { target: rollback.target, status: rollback.status, cause: rollback.cause } }),
    ...(state.warnings > 0 ? { withWarnings: true } : {}),
  };
}

function openApprovals(state: RunState): OpenApproval[] {
  const open: OpenApproval[] = [];
  for (const name of state.gated) {
    const stage = state.stages.get(name);
    const approval = stage === undefined ? undefined : latestApproval(state, stage);
    if (approval?.status !== 'pending' || open.length === KEPT_STAGES) continue;
    const { id, deadline, quorum, seats } = approval;
    open.push({
      id,
      stage: name,
      deadline,
      quorum,
      approved: seats.filter((seat) => seat.vote?.decision === 'approved').length,
      waitingFor: seats.filter((seat) => seat.vote === undefined).map((seat) => seat.holder),
    });
  }
  return open;
}

/** The last statuses with the present one, which stands there once. */
export function nextStatuses(state: RunState, previous: readonly StatusChange[]): readonly StatusChange[] {
  const change = { timestamp: state.at, status: statusWordOf(state.phase), reason_code: state.code };
  const last = previous.at(-1);
  const isKnown = last?.timestamp === change.timestamp && last.reason_code === change.reason_code;
  return isKnown ? previous : [...previous, change].slice(-KEPT_STATUSES);
}

/** The question that an agent asked and nobody has answered. */
export function openQuestion(state: RunState): string | undefined {
  for (const name of state.active) {
    const stage = state.stages.get(name);
    const question = stage === undefined ? undefined : openQuestionOf(stage)?.text;
    if (question !== undefined) return question;
  }
  return undefined;
}

function summariesOf(state: RunState): StageSummary[] {
  const summaries: StageSummary[] = [];
  for (const stage of state.stages.values()) {
    if (summaries.length === KEPT_STAGES) break;
    const reason = stage.skip?.detail ?? stage.skip?.reason ?? stage.message ?? stage.code;
    summaries.push({
      name: stage.name,
      status: stage.status,
      frames: stage.frames.length,
      done: stage.metrics.approved,
      ...(stage.metrics.failed + stage.metrics.rejected > 0
        ? { failed: stage.metrics.failed + stage.metrics.rejected }
        : {}),
      attempts: stage.metrics.attempts,
      ...(stage.startedAt === undefined ? {} : { startedAt: stage.startedAt }),
      ...(stage.endedAt === undefined ? {} : { endedAt: stage.endedAt }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return summaries;
}
