import type { RunEventBody } from '../run/event.ts';
import type { RunState } from '../run/state.ts';
import { perform, stopRun } from './build.ts';
import type { Decision } from './decision.ts';

/** Every stage has ended: close what has to be closed, then the run's last word. */
export function atTheEnd(state: RunState): Decision[] {
  const failed = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  if (failed !== undefined) {
    return finishRun('failed', failed.code ?? 'STAGE_FAILED', failed.message, failed.name);
  }
  if (state.closed === undefined && state.pipeline.closing === 'commit') return [perform({ kind: 'close' })];
  if (state.closed?.outcome === 'declined') return [stopRun('COMMIT_DECLINED', 0, 1)];
  const pending = [...state.stages.values()].flatMap((stage) => [...stage.pendingTests]);
  if (pending.length > 0) {
    return finishRun(
      'succeeded',
      'PARTIAL_SUCCESS',
      `${pending.length} tests are still pending: ${pending.join(', ')}`,
    );
  }
  const lenient = [...state.stages.values()].some((stage) => stage.status === 'failed');
  return finishRun('succeeded', lenient ? 'PARTIAL_SUCCESS' : 'ALL_FRAMES_APPROVED');
}

/** The last word of a run whose work could not be done at all, such as on a full disk. */
export function workFailed(state: RunState): RunEventBody {
  const { code = 'SYS_WRITE_ERROR', message = '', stage } = state.workFailed ?? {};
  return {
    type: 'run.finished',
    status: 'failed',
    code,
    message,
    ...(stage === undefined ? {} : { failedStage: stage }),
  };
}

/** The last word of a run that somebody stopped. */
export function interrupted(state: RunState): RunEventBody {
  const code = state.stopRequested ?? 'USER_INTERRUPT';
  if (code === 'USER_CANCELLED') return { type: 'run.finished', status: 'cancelled', code };
  return { type: 'run.stopped', code, threshold: 0, actual: 1 };
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
