import { type CurrentFrame, currentFrame } from '../run/activity.ts';
import type { FrameState, RunState, StageState } from '../run/state.ts';
import { errorTypeOf, reasonOf, statusWordOf } from './reason.ts';

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
  /** The frame waits for a runner's service to answer again. */
  readonly waiting?: WaitingDetails;
}

export interface WaitingDetails {
  readonly runner: string;
  /** For what: `quota`, `overloaded` or `unavailable`. */
  readonly outcome: string;
  /** What the agent said, without secrets. */
  readonly message?: string;
  /** ISO 8601 UTC. */
  readonly until: string;
  readonly remaining_ms: number;
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
  const current = currentFrame(state);
  const index =
    current === undefined ? metrics.frames_completed + metrics.frames_failed : indexOf(state, current);
  const estimate = estimatedMs(state, metrics);
  return {
    current_frame_index: index,
    current_attempt: current?.frame.attempts.length ?? 0,
    elapsed_time_ms: Math.max(0, now - Date.parse(state.startedAt)),
    ...(estimate === undefined ? {} : { estimated_remaining_ms: estimate }),
    ...(current === undefined ? {} : { current_action: actionOf(state, current, index) }),
    ...waitingOf(current?.frame, now),
  };
}

function waitingOf(frame: FrameState | undefined, now: number): Pick<InProgressDetails, 'waiting'> {
  if (frame?.waiting === undefined) return {};
  const remaining = Math.max(0, Date.parse(frame.waiting.until) - now);
  return { waiting: { ...frame.waiting, remaining_ms: remaining } };
}

/** Index of a frame over all frames of the run, from zero. */
function indexOf(state: RunState, { stage, frame }: CurrentFrame): number {
  let before = 0;
  for (const other of state.stages.values()) {
    if (other === stage) break;
    if (other.status !== 'skipped') before += Math.max(1, other.metrics.totalFrames);
  }
  return before + frame.index;
}

/**
 * What is left at the pace of this run: the frames of a stage at work take as long as its finished ones did, all others
 * as long as the mean of the run, and as many are made at a time as now. Undefined until one has finished.
 */
function estimatedMs({ active, stages, metrics: all }: RunState, metrics: RunMetrics): number | undefined {
  if (all.finishedFrames === 0) return undefined;
  const mean = all.finishedFrameMs / all.finishedFrames;
  let left = metrics.frames_remaining;
  let ms = 0;
  for (const name of active) {
    const stage = stages.get(name);
    if (stage === undefined || stage.metrics.finishedFrames === 0) continue;
    const own = stage.frames.length - stage.endedFrames;
    left -= own;
    ms += (own * stage.metrics.finishedFrameMs) / stage.metrics.finishedFrames / Math.max(1, stage.open.size);
  }
  return Math.round(ms + Math.max(0, left) * mean);
}

function actionOf(state: RunState, { stage, frame }: CurrentFrame, index: number): string {
  const what = nameOf(state, stage, frame, index);
  const strategy = frame.attempts.at(-1)?.strategy;
  if (frame.waiting !== undefined) return `Waiting for ${frame.waiting.runner} to go on with ${what}`;
  if (frame.phase === 'auditing') return `Auditing ${what}`;
  if (frame.phase === 'retrying') return `Preparing the next attempt at ${what}`;
  return `Generating ${what}${strategy === undefined ? '' : ` with ${strategy} strategy`}`;
}

/** An item is known by its number, a step of the plan by its title, anything else by its stage. */
function nameOf(
  { created, definitions }: RunState,
  stage: StageState,
  frame: FrameState,
  index: number,
): string {
  if (definitions.get(stage.name)?.foreach !== undefined && created.feature === undefined)
    return `frame ${index + 1}`;
  return frame.title === stage.name ? stage.name : `${stage.name}, ${frame.title}`;
}

function completed(state: RunState, metrics: RunMetrics): CompletedDetails {
  const feature = state.created.feature;
  return {
    success_rate: metrics.total_frames === 0 ? 0 : metrics.frames_completed / metrics.total_frames,
    total_duration_ms: Date.parse(state.endedAt ?? state.at) - Date.parse(state.startedAt),
    export_location:
      state.closed?.location ?? (feature === undefined ? '' : `.blueprint/features/feature_${feature.slug}/`),
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
  const { path = lastLogOf(state), stackTrace } = state.diagnostic ?? {};
  return {
    error_type: errorTypeOf(state.code),
    error_code: state.code,
    error_message: state.message ?? reasonOf(state.code).message,
    ...(path === undefined ? {} : { diagnostic_path: path }),
    ...(stackTrace === undefined ? {} : { stack_trace: stackTrace }),
  };
}

/** What was printed last by whatever failed: the export, or the last attempt of the stage that failed. */
export function lastLogOf(state: RunState): string | undefined {
  if (state.closed?.outcome === 'failed' && state.closed.logFile !== undefined) return state.closed.logFile;
  const stage = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  if (stage?.failing !== undefined) return logOf(stage.frames[stage.failing.frame]);
  for (const frame of [...(stage?.frames ?? [])].reverse()) {
    const log = logOf(frame);
    if (log !== undefined) return log;
  }
  return undefined;
}

function logOf(frame: FrameState | undefined): string | undefined {
  const last = frame?.attempts.findLast(
    ({ logFile, auditLogFile }) => (auditLogFile ?? logFile) !== undefined,
  );
  return last?.auditLogFile ?? last?.logFile;
}
