import type { StatusDocument } from './document.ts';
import { REASONS } from './reason.ts';
import { type InProgressDetails, type RunStatus, resumeCommand } from './run-status.ts';

/** What a reader can see of a run's owner: nobody holds it, somebody does, or whoever did is gone. */
export type OwnerState = 'free' | 'held' | 'lost';

/**
 * The status as it is now, not as it was last written: time goes on, and a run that says it is in progress while
 * nobody drives it has lost its owner (spec: protocols; reads never write).
 */
export function observedStatus(document: StatusDocument, owner: OwnerState, now: number): RunStatus {
  const { status, phase } = document;
  if (status.status !== 'in-progress') return status;
  if (owner !== 'held' && phase !== 'waiting_approval') return lost(document);
  const details = status.details as InProgressDetails;
  const elapsed = Math.max(0, now - Date.parse(document.segmentStartedAt));
  return { ...status, details: { ...details, elapsed_time_ms: elapsed } };
}

function lost(document: StatusDocument): RunStatus {
  const { message } = REASONS.SYS_OWNER_LOST;
  const code = 'SYS_OWNER_LOST';
  return {
    ...document.status,
    status: 'failed',
    reason_code: code,
    message: `${message}; continue with: ${resumeCommand(document.executionId)}`,
    details: { error_type: 'system', error_code: code, error_message: message },
  };
}
