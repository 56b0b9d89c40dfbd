import { LOGS, LOOK, PENDING, reasonOf, SHOW, STATUS } from './reason.ts';
import { resumeCommand } from './run-status.ts';

const STAGES = 'murmur8 pipeline status {run}';
const SHOWS_WHY = 'murmur8 pipeline logs {run} shows why';

/**
 * What to type next about a run of a pipeline of one's own, which has logs by stage, is shown stage by stage, and is
 * continued by `pipeline run --resume` (spec: pipelines 5).
 */
export function nextPipelineStep(code: string, executionId: string): string {
  return templateOf(code).replaceAll('{resume}', resumeCommand(executionId)).replaceAll('{run}', executionId);
}

function templateOf(code: string): string {
  const { next } = reasonOf(code);
  switch (next) {
    case STATUS:
    case SHOW:
      return STAGES;
    case PENDING:
      return SHOWS_WHY;
    case LOGS:
      return `${SHOWS_WHY}; then {resume}`;
    case LOOK:
      return code.startsWith('DEP_')
        ? `${SHOWS_WHY}; once that is put right, {resume}`
        : `${SHOWS_WHY}; murmur8 pipeline retry {run} does it again`;
    default:
      return next;
  }
}
