import { runningRollback } from '../run/rollback-events.ts';
import type { RunState, StageState } from '../run/state.ts';
import { perform, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { closeGates } from './gates.ts';
import { dueRollback } from './undo.ts';

/** Every stage has ended: close what has to be closed, then the run's last word. */
export function atTheEnd(state: RunState): Decision[] {
  const failed = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  if (failed !== undefined) {
    const rollback = dueRollback(state);
    if (rollback !== undefined) return [rollback];
    return finishRun('failed', failed.code ?? 'STAGE_FAILED', failed.message, failed.name);
  }
  const empty = withNothingApproved(state);
  if (empty !== undefined)
    return finishRun('failed', empty.code ?? 'STAGE_FAILED', empty.message, empty.name);
  const { closing, export: exported } = state.pipeline;
  if (state.closed === undefined && (closing === 'commit' || exported !== undefined))
    return [perform({ kind: 'close' })];
  if (state.closed?.outcome === 'failed')
    return finishRun('failed', state.closed.code ?? 'STAGE_FAILED', state.closed.message);
  if (state.closed?.outcome === 'declined') return [stopRun('COMMIT_DECLINED', 0, 1)];
  const pending = [...state.stages.values()].flatMap((stage) => [...stage.pendingTests]);
  if (pending.length > 0) {
    return finishRun(
      'succeeded',
      'PARTIAL_SUCCESS',
      `${pending.length} tests are still pending: ${pending.join(', ')}`,
    );
  }
  if (state.closed?.outcome === 'exported' && !state.closed.validationPassed)
    return finishRun(
      'succeeded',
      'PARTIAL_SUCCESS',
      state.closed.message ?? 'what was exported is not valid',
    );
  if (state.warnings > 0) return finishRun('succeeded', 'PARTIAL_SUCCESS', framesThatFailed(state));
  const inFrames =
    state.created.feature !== undefined || state.pipeline.stages.some((stage) => stage.foreach);
  return finishRun('succeeded', inFrames ? 'ALL_FRAMES_APPROVED' : 'ALL_STAGES_SUCCEEDED');
}

/** Frames that failed may be left behind, but not all of them: a run that has nothing to show has failed. */
function withNothingApproved(state: RunState): StageState | undefined {
  if (state.warnings === 0 || state.metrics.approved > 0) return undefined;
  for (const stage of state.stages.values())
    if (stage.status === 'failed' && state.definitions.get(stage.name)?.foreach !== undefined) return stage;
  return undefined;
}

function framesThatFailed({ metrics: { failed, rejected, totalFrames } }: RunState): string | undefined {
  return failed + rejected === 0 ? undefined : `${failed + rejected} of ${totalFrames} frames failed`;
}

/** The last word of a run whose work could not be done at all, such as on a full disk. */
export function workFailed(state: RunState): Decision[] {
  const [gate] = closeGates(state, 'the run failed');
  if (gate !== undefined) return [gate];
  const { code = 'SYS_WRITE_ERROR', message = '', stage } = state.workFailed ?? {};
  return finishRun('failed', code, message, stage);
}

/** The last word of a run that somebody stopped. Cancelling closes what is open, pausing leaves it as it is. */
export function interrupted(state: RunState): Decision[] {
  const code = state.stopRequested ?? 'USER_INTERRUPT';
  if (!isCancel(code)) return [stopRun(code, 0, 1)];
  const [gate] = closeGates(state, 'the run was cancelled');
  if (gate !== undefined) return [gate];
  const rollback = runningRollback(state);
  if (rollback !== undefined) {
    const rollbackId = rollback.id;
    return [{ do: 'record', event: { type: 'rollback.finished', rollbackId, status: 'cancelled' } }];
  }
  return [{ do: 'record', event: { type: 'run.finished', status: 'cancelled', code } }];
}

/** Codes of a request to end the run for good. */
export function isCancel(code: string): boolean {
  return code === 'USER_CANCELLED' || code === 'SUPERSEDED';
}

function finishRun(
  status: 'succeeded' | 'failed',
  code: string,
  message?: string,
  failedStage?: string,
): Decision[] {
  return [
    {
      do: 'record',
      event: {
        type: 'run.finished',
        status,
        code,
        ...(message === undefined || message === '' ? {} : { message }),
        ...(failedStage === undefined ? {} : { failedStage }),
      },
    },
  ];
}
