import { AGAIN, LOOK, reasonOf, STATUS } from './reason.ts';
import { resumeCommand } from './run-status.ts';

/**
 * What to type next about a run of a pipeline of one's own, which has logs in place of diagnostics and is continued by
 * `pipeline run --resume` (spec: pipelines 5).
 */
export function nextPipelineStep(code: string, executionId: string): string {
  return templateOf(code).replaceAll('{resume}', resumeCommand(executionId)).replaceAll('{run}', executionId);
}

function templateOf(code: string): string {
  const { status, next } = reasonOf(code);
  if (status === 'completed' || next === STATUS) return 'murmur8 pipeline status {run}';
  if (next !== LOOK) return next;
  return status === 'failed' ? AGAIN : 'murmur8 pipeline logs {run} shows why; then {resume}';
}
