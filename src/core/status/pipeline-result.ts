import { errorTypeOf, reasonOf } from './reason.ts';

/** The values of `cicd.pipeline.result` in OpenTelemetry's conventions. */
export type PipelineResult = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip';

/** Somebody, or a rule that somebody asked for, ended the work before its end. */
const CANCELLED = new Set([
  'PAUSED_AFTER_STAGE',
  'QUALITY_GATE',
  'COMMIT_DECLINED',
  'USER_INTERRUPT',
  'USER_CANCELLED',
  'SUPERSEDED',
]);
const TIMED_OUT = new Set(['STAGE_TIMEOUT', 'STALLED', 'APPROVAL_EXPIRED']);

/**
 * How OpenTelemetry calls the outcome that a reason code stands for; undefined while the run is in progress. `error` is
 * a fault of this system or of what it depends on, `failure` one of the work.
 */
export function pipelineResultOf(code: string): PipelineResult | undefined {
  const { status } = reasonOf(code);
  if (status === 'in-progress') return undefined;
  if (status === 'completed') return 'success';
  if (CANCELLED.has(code)) return 'cancellation';
  if (TIMED_OUT.has(code)) return 'timeout';
  return errorTypeOf(code) === 'audit' ? 'failure' : 'error';
}
