/** The functions of seed 004 as the package exports them. */
export { compressArtifact } from '../edges/telemetry/compress.ts';
export { ensureDotenv, ensureGitignore } from '../edges/telemetry/dotenv-template.ts';
export { enqueueFailure, retryQueue } from '../edges/telemetry/failed-queue.ts';
export { ensureFeatureId, generateRunId } from '../edges/telemetry/identifiers.ts';
export { loadConfig } from '../edges/telemetry/load-config.ts';
export { formatTelemetryConfig } from '../edges/telemetry/read-status.ts';
export { sendTelemetry } from '../edges/telemetry/send.ts';
