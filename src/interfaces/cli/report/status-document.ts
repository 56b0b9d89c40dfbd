import type { StatusDocument } from '../../../core/status/document.ts';
import { type OwnerState, observedStages } from '../../../core/status/observed.ts';
import { nextPipelineStep } from '../../../core/status/pipeline-next.ts';
import { isReasonCode, nextStep } from '../../../core/status/reason.ts';
import { type RunStatus, resumeCommand } from '../../../core/status/run-status.ts';
import type { RunStatusDocument } from '../../contract/status.ts';

/** A run as it was read, with its status at a time and what can be seen of its owner. */
export interface ObservedRun {
  readonly document: StatusDocument;
  readonly status: RunStatus;
  readonly owner: { readonly state: OwnerState; readonly pid?: number };
  /** Ms since the epoch. */
  readonly now: number;
}

/** A run's status with what belongs to it: what `status --json` prints. */
export function runStatusDocument(run: ObservedRun): RunStatusDocument {
  const { document, status, owner } = run;
  return {
    executionId: document.executionId,
    runId: document.runId,
    previousRunId: document.previousRunId,
    pipeline: document.pipeline,
    ...given('pipelineId', document.pipelineId),
    ...given('revision', document.revision),
    ...given('slug', document.slug),
    workingTree: document.workingTree,
    ...given('model_choices', document.modelChoices),
    // What is seen of a run counts before what its owner wrote last.
    run_status: status.status === 'failed' ? 'failed' : document.phase,
    status: status.status,
    reason_code: status.reason_code,
    message: status.message,
    timestamp: status.timestamp,
    metrics: status.metrics,
    details: status.details as RunStatusDocument['details'],
    next: whatNext(run),
    startedAt: document.startedAt,
    ...given('endedAt', document.endedAt),
    owner: { state: owner.state, ...given('pid', owner.pid) },
    stages: observedStages(document, status).map((stage) => ({
      name: stage.name,
      status: stage.status as RunStatusDocument['stages'][number]['status'],
      frames: stage.frames,
      done: stage.done,
      attempts: stage.attempts,
      ...given('startedAt', stage.startedAt),
      ...given('endedAt', stage.endedAt),
      ...given('reason', stage.reason),
    })),
    approvals: (document.approvals ?? []).map(
      ({ id, stage, deadline, quorum, approved, waitingFor }): RunStatusDocument['approvals'][number] => ({
        id,
        stage,
        deadline,
        quorum,
        approved,
        waitingFor: [...waitingFor],
      }),
    ),
    ...given('question', document.question),
    ...given('rollback', document.rollback),
    with_warnings: document.withWarnings === true,
    ...given('commit', document.commit),
    tokens: document.tokens,
    cost_usd: document.costMicroUsd / 1e6,
    cost_complete: document.unknownCost === 0,
    status_history: document.status_history as RunStatusDocument['status_history'],
  };
}

/** What to type next, whatever the state: whoever looks at a run that goes on can only watch it. */
export function whatNext({ document, status, now }: ObservedRun): string {
  const { executionId, runId, slug, question, approvals } = document;
  if (status.status === 'in-progress') {
    const [approval] = approvals ?? [];
    if (approval !== undefined)
      return Date.parse(approval.deadline) <= now
        ? resumeCommand(executionId)
        : `murmur8 approval approve ${approval.id}`;
    if (question !== undefined) return `murmur8 answer ${executionId} "<your answer>"`;
    if (document.phase === 'running' || document.phase === 'pending')
      return slug === undefined
        ? `murmur8 pipeline logs ${executionId} --follow`
        : `murmur8 status ${executionId} --watch`;
  }
  if (!isReasonCode(status.reason_code)) return 'update murmur8: a newer version wrote this status';
  return slug === undefined
    ? nextPipelineStep(status.reason_code, executionId)
    : nextStep(status.reason_code, executionId, runId, slug);
}

/** A text that is another one once something has happened, and the same while only time goes on. */
export function changeOf(run: ObservedRun): string {
  const { timestamp: _timestamp, owner: _owner, status_history: _history, ...rest } = runStatusDocument(run);
  const details = {
    ...rest.details,
    elapsed_time_ms: 0,
    estimated_remaining_ms: 0,
    ...stillWaiting(rest.details),
  };
  return JSON.stringify({ ...rest, details });
}

/** The wait without what is left of it. */
function stillWaiting(details: RunStatusDocument['details']): object {
  return 'waiting' in details ? { waiting: { ...details.waiting, remaining_ms: 0 } } : {};
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: Value });
}
