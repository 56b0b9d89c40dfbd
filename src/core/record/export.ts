import type { RunState } from '../run/state.ts';

/** What a run has given out, or why it could not. */
export interface RunExportRow {
  status: 'exported' | 'failed';
  location: string | null;
  files: string[];
  validation_passed: boolean;
  reason_code: string | null;
  message: string | null;
  log_file: string | null;
}

/** The run's export; null as long as there is none, and of runs that have none. */
export function exportRecord({ pipeline, closed }: RunState): RunExportRow | null {
  if (pipeline.export === undefined || closed === undefined) return null;
  if (closed.outcome !== 'exported' && closed.outcome !== 'failed') return null;
  return {
    status: closed.outcome,
    location: closed.location ?? null,
    files: [...closed.files],
    validation_passed: closed.validationPassed,
    reason_code: closed.code ?? null,
    message: closed.message ?? null,
    log_file: closed.logFile ?? null,
  };
}
