import type { FrameState, RunState, StageState } from '../run/state.ts';
import { reasonOf, statusWordOf } from './reason.ts';

/** Field names and shapes are those of seed 002. Durations in ms, rates 0..1. */
export interface RunStatus {
  readonly status: 'in-progress' | 'completed' | 'stopped' | 'failed';
  readonly reason_code: string;
  readonly message: string;
  readonly timestamp: string;
  readonly metrics: RunMetrics;
  readonly details: InProgressDetails | CompletedDetails | StoppedDetails | FailedDetails;
}

export interface RunMetrics {
  readonly total_frames: number;
  readonly frames_completed: number;
  readonly frames_failed: number;
  readonly frames_remaining: number;
  readonly total_attempts: number;
  readonly retry_rate: number;
  readonly reject_rate: number;
}

export interface InProgressDetails {
  /** Counted from zero. */
  readonly current_frame_index: number;
  readonly current_attempt: number;
  readonly elapsed_time_ms: number;
  readonly estimated_remaining_ms?: number;
  readonly current_action?: string;
}

export interface CompletedDetails {
  readonly success_rate: number;
  readonly total_duration_ms: number;
  readonly export_location: string;
  readonly atlas_files: readonly string[];
  readonly validation_passed: boolean;
}

export interface StoppedDetails {
  readonly stop_condition: string;
  readonly threshold: number;
  readonly actual_value: number;
  readonly resume_command: string;
  readonly frames_remaining: number;
}

export interface FailedDetails {
  readonly error_type: 'system' | 'dependency' | 'audit';
  readonly error_code: string;
  readonly error_message: string;
  readonly diagnostic_path?: string;
  readonly stack_trace?: string;
}

/** The command that continues a run, in the form that seed 002 prints. */
export function resumeCommand(executionId: string): string {
  return `murmur8 pipeline run --resume ${executionId}`;
}

/** Status of a run at a time (ms since the epoch; default: the time of its last event). Pure; calculated nowhere else. */
export function calculateRunStatus(state: RunState, now: number = Date.parse(state.at)): RunStatus {
  const metrics = metricsOf(state);
  return {
    status: statusWordOf(state.phase),
    reason_code: state.code,
    message: messageOf(state),
    timestamp: state.at,
    metrics,
    details: detailsOf(state, metrics, now),
  };
}

function metricsOf(state: RunState): RunMetrics {
  const { totalFrames, approved, rejected, failed, attempts, retriedFrames } = state.metrics;
  return {
    total_frames: totalFrames,
    frames_completed: approved,
    frames_failed: failed + rejected,
    frames_remaining: Math.max(0, totalFrames - approved - failed - rejected),
    total_attempts: attempts,
    retry_rate: totalFrames === 0 ? 0 : retriedFrames / totalFrames,
    reject_rate: totalFrames === 0 ? 0 : rejected / totalFrames,
  };
}

function messageOf(state: RunState): string {
  const { message } = reasonOf(state.code);
  const full = state.message === undefined ? message : `${message}: ${state.message}`;
  const withCommand =
    state.code === 'PAUSED_AFTER_STAGE' || state.code === 'QUALITY_GATE' || state.code === 'SYS_OWNER_LOST';
  return withCommand ? `${full}; continue with: ${resumeCommand(state.executionId)}` : full;
}

function detailsOf(state: RunState, metrics: RunMetrics, now: number): RunStatus['details'] {
  switch (statusWordOf(state.phase)) {
    case 'in-progress':
      return inProgress(state, metrics, now);
    case 'completed':
      return completed(state, metrics);
    case 'stopped':
      return stopped(state, metrics);
    case 'failed':
      return failed(state);
  }
}

function inProgress(state: RunState, metrics: RunMetrics, now: number): InProgressDetails {
  const active = activeFrame(state);
  const { finishedFrameMs, finishedFrames } = state.metrics;
  const estimate =
    finishedFrames === 0
      ? undefined
      : Math.round((finishedFrameMs / finishedFrames) * metrics.frames_remaining);
  return {
    current_frame_index: active?.index ?? metrics.frames_completed + metrics.frames_failed,
    current_attempt: active?.frame.attempts.length ?? 0,
    elapsed_time_ms: Math.max(0, now - Date.parse(state.segmentStartedAt)),
    ...(estimate === undefined ? {} : { estimated_remaining_ms: estimate }),
    ...(active === undefined ? {} : { current_action: actionOf(active.stage, active.frame) }),
  };
}

/** The lowest frame at work, with its index over all frames of the run. */
function activeFrame(state: RunState): { stage: StageState; frame: FrameState; index: number } | undefined {
  let before = 0;
  for (const stage of state.stages.values()) {
    if (stage.status === 'skipped') continue;
    const frame = stage.frames[stage.cursor];
    if (state.active.has(stage.name) && frame !== undefined)
      return { stage, frame, index: before + stage.cursor };
    before += Math.max(1, stage.frames.length);
  }
  return undefined;
}

function actionOf(stage: StageState, frame: FrameState): string {
  const last = frame.attempts.at(-1);
  const title = frame.title === stage.name ? stage.name : `${stage.name}, ${frame.title}`;
  const strategy = last?.strategy === undefined ? '' : ` with ${last.strategy} strategy`;
  if (frame.phase === 'auditing') return `Auditing ${title}`;
  if (frame.phase === 'retrying') return `Preparing the next attempt at ${title}`;
  return `Generating ${title}${strategy}`;
}

function completed(state: RunState, metrics: RunMetrics): CompletedDetails {
  const feature = state.created.feature;
  return {
    success_rate: metrics.total_frames === 0 ? 0 : metrics.frames_completed / metrics.total_frames,
    total_duration_ms: Date.parse(state.endedAt ?? state.at) - Date.parse(state.segmentStartedAt),
    export_location: feature === undefined ? '' : `.blueprint/features/feature_${feature.slug}/`,
    atlas_files: state.closed?.files ?? [],
    validation_passed: state.closed?.validationPassed ?? true,
  };
}

function stopped(state: RunState, metrics: RunMetrics): StoppedDetails {
  return {
    stop_condition: state.code,
    threshold: state.stop?.threshold ?? 0,
    actual_value: state.stop?.actual ?? 1,
    resume_command: resumeCommand(state.executionId),
    frames_remaining: metrics.frames_remaining,
  };
}

function failed(state: RunState): FailedDetails {
  const log = diagnosticOf(state);
  return {
    error_type: state.code.startsWith('SYS_')
      ? 'system'
      : state.code.startsWith('DEP_')
        ? 'dependency'
        : 'audit',
    error_code: state.code,
    error_message: state.message ?? reasonOf(state.code).message,
    ...(log === undefined ? {} : { diagnostic_path: log }),
  };
}

function diagnosticOf(state: RunState): string | undefined {
  const stage = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  for (const frame of [...(stage?.frames ?? [])].reverse()) {
    const log = frame.attempts.findLast((attempt) => attempt.logFile !== undefined)?.logFile;
    if (log !== undefined) return log;
  }
  return undefined;
}
