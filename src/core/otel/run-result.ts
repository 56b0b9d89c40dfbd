import type { RunState, StageState } from '../run/state.ts';

/** The values of `cicd.pipeline.result` and `cicd.pipeline.task.run.result`. */
export type RunResult = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip';

/**
 * Of a run that has ended. A segment that paused, for whatever reason, came to no result of its own: it was broken off,
 * which the convention calls a cancellation. The reason code says what it really was.
 */
export function resultOfRun(state: RunState): RunResult {
  if (state.phase === 'failed') return resultOfFailure(state.code);
  if (state.phase !== 'succeeded') return 'cancellation';
  const stages = [...state.stages.values()];
  return stages.length > 0 && stages.every(({ status }) => status === 'skipped') ? 'skip' : 'success';
}

/** Of a stage as it stood when the run ended. */
export function resultOfStage({ status, code }: Pick<StageState, 'status' | 'code'>): RunResult {
  if (status === 'succeeded') return 'success';
  if (status === 'skipped') return 'skip';
  return status === 'failed' ? resultOfFailure(code) : 'cancellation';
}

/** `error` means that this program, its machine or a service failed; `failure` that the work did. */
export function resultOfFailure(code: string | undefined): RunResult {
  if (code === 'STAGE_TIMEOUT' || code === 'APPROVAL_EXPIRED') return 'timeout';
  return code !== undefined && /^(?:SYS|DEP)_/.test(code) ? 'error' : 'failure';
}

/** Results for which `error.type` has to be given. */
export function needsErrorType(result: RunResult): boolean {
  return result === 'failure' || result === 'error';
}

/** Results that make a span one that failed. */
export function isError(result: RunResult): boolean {
  return needsErrorType(result) || result === 'timeout';
}
