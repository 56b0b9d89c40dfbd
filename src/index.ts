/** What the package exports: telemetry (seed 004), status (seed 002), tasks (seed 003), and the forms of what is kept on disk. */

export {
  compressArtifact,
  enqueueFailure,
  ensureDotenv,
  ensureFeatureId,
  ensureGitignore,
  formatTelemetryConfig,
  generateRunId,
  loadConfig,
  retryQueue,
  sendTelemetry,
} from './compose/telemetry-functions.ts';
export { type HistoryEntry, historyEntrySchema } from './core/history/entry.ts';
export { apply, replay } from './core/run/apply.ts';
export { type RunEvent, runEventSchema } from './core/run/event.ts';
export type { RunState } from './core/run/state.ts';
export {
  type CompletedDetails,
  calculateRunStatus,
  type FailedDetails,
  type InProgressDetails,
  type RunMetrics,
  type RunStatus,
  type StoppedDetails,
} from './core/status/run-status.ts';
export {
  type ExecutionAttempt,
  type ExecutionExecutor,
  type ExecutionReviewer,
  type ExecutionStatus,
  type TaskExecution,
  taskExecutionSchema,
} from './core/task/execution.ts';
export { META_KEY_ORDER, type TaskMeta, taskMetaSchema } from './core/task/meta.ts';
export { buildPayload } from './core/telemetry/payload.ts';
export { type TelemetryPayload, telemetryPayloadSchema } from './core/telemetry/payload-schema.ts';
export type { RunData } from './core/telemetry/run-data.ts';
export { formatStatusForCLI, type StatusFormat } from './interfaces/cli/report/run-status.ts';
