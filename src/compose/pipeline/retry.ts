import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { latestApproval } from '../../core/run/approval-events.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { downstreamOf } from '../../core/run/rollback-plan.ts';
import type { RunState } from '../../core/run/state.ts';
import { resumeCommand } from '../../core/status/run-status.ts';
import { newSegment } from '../open-run.ts';
import type { Refusal } from '../pipelines/change.ts';
import type { SessionResult } from '../session.ts';
import type { PipelineCompany } from './company.ts';
import { conflict, unknownStage } from './known-stage.ts';
import { withOptions } from './options.ts';
import { driveOn, type GoOn } from './resume.ts';

export interface Retry extends GoOn {
  /** The stage from which all is done again; absent: from what failed. */
  readonly from: string | undefined;
  readonly actor: string;
}

/** Does failed work again, in a new segment of the same run; what was made before stays beside it (spec: pipelines 5). */
export function retryPipelineRun(
  retry: Retry,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  const { from, actor, options } = retry;
  return driveOn(retry, company, (open) => {
    const { state } = open;
    const refused = whyNotRetried(state, from);
    if (refused !== undefined) return fail(refused);
    return ok({
      ...open,
      begin: () => {
        const settings = withOptions(state.settings, options);
        const segment = { settings, actor, ...(from === undefined ? {} : { from }) };
        const begun = newSegment(open, voided(state, from), segment);
        return begun.ok ? ok(begun.value.opened) : begun;
      },
    });
  });
}

/** Why a run cannot be retried; undefined if it can. */
export function whyNotRetried(state: RunState, from: string | undefined): Problem | undefined {
  const { executionId, phase } = state;
  switch (phase) {
    case 'cancelled':
      return conflict(
        `run ${executionId} was cancelled, which is final`,
        `begin anew with murmur8 pipeline run ${state.pipeline.name}`,
      );
    case 'pending':
    case 'running':
    case 'waiting_approval':
      return conflict(
        `run ${executionId} has not ended: ${phase}`,
        `murmur8 pipeline status ${executionId} shows how it stands; ${resumeCommand(executionId)} drives it on`,
      );
    case 'succeeded':
      // What could not be done is there to be tried again; what was done stays.
      if (from === undefined && state.code !== 'PARTIAL_SUCCESS')
        return conflict(
          `run ${executionId} has succeeded`,
          `name the stage from which it is to be done again: murmur8 pipeline retry ${executionId} --from <stage>`,
        );
      return from === undefined ? undefined : unknownStage(state, from);
    case 'failed':
    case 'paused':
      return from === undefined ? undefined : unknownStage(state, from);
  }
}

/** Finished stages that a retry does again. */
export function repeatedStages(state: RunState, from: string | undefined): string[] {
  if (from === undefined) return [];
  return downstreamOf(state, from).filter((name) => state.stages.get(name)?.status === 'succeeded');
}

/** What people were asked about is done anew: they are asked anew. */
function voided(state: RunState, from: string | undefined): RunEventBody[] {
  if (from === undefined) return [];
  return downstreamOf(state, from).flatMap((name): RunEventBody[] => {
    const stage = state.stages.get(name);
    const approval = stage === undefined ? undefined : latestApproval(state, stage);
    if (approval?.status !== 'pending') return [];
    const reason = `the run is done again from ${from}`;
    return [{ type: 'approval.closed', approvalId: approval.id, stage: name, status: 'void', reason }];
  });
}
