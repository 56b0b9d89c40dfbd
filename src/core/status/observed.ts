import type { StageSummary, StatusDocument } from './document.ts';
import { REASONS, type ReasonCode } from './reason.ts';
import { type FailedDetails, type InProgressDetails, type RunStatus, resumeCommand } from './run-status.ts';

/** What a reader can see of a run's owner: nobody holds it, somebody does, or whoever did is gone. */
export type OwnerState = 'free' | 'held' | 'lost';

/** A stage that was at work when its run stopped, as readers see it; no stored document says so. */
export type ObservedStage = Omit<StageSummary, 'status'> & { readonly status: string };

/**
 * The status as it is now, not as it was last written: time goes on, and a run that says it is in progress while
 * nobody drives it has lost its owner (spec: protocols; reads never write). `lastLog` is the path of what such a run
 * wrote last, if anything.
 */
export function observedStatus(
  document: StatusDocument,
  owner: OwnerState,
  now: number,
  lastLog?: string,
): RunStatus {
  const { status } = document;
  if (status.status !== 'in-progress') return status;
  if (hasLostOwner(document, owner)) return lost(document, lastLog);
  const details = status.details as InProgressDetails;
  const elapsed = Math.max(0, now - Date.parse(document.startedAt));
  return { ...status, details: { ...details, elapsed_time_ms: elapsed, ...waitingNow(details, now) } };
}

function waitingNow({ waiting }: InProgressDetails, now: number): Pick<InProgressDetails, 'waiting'> {
  if (waiting === undefined) return {};
  return { waiting: { ...waiting, remaining_ms: Math.max(0, Date.parse(waiting.until) - now) } };
}

/** Whether a run says that it is in progress while nobody drives it. One that waits for a person needs no process. */
export function hasLostOwner(
  { status, phase }: Pick<StatusDocument, 'status' | 'phase'>,
  owner: OwnerState,
): boolean {
  return status.status === 'in-progress' && owner !== 'held' && phase !== 'waiting_approval';
}

/** The stages as they are now: where nobody works any more, what was under way is `interrupted`, and its time stands still. */
export function observedStages(document: StatusDocument, status: RunStatus): readonly ObservedStage[] {
  if (status.status === 'in-progress') return document.stages;
  const endedAt = document.endedAt ?? status.timestamp;
  return document.stages.map((stage) =>
    stage.status === 'running' && stage.endedAt === undefined
      ? { ...stage, status: 'interrupted', endedAt }
      : stage,
  );
}

/** The status of a run that cannot go on, because its journal is damaged: `place` is where, `problem` what is wrong there. */
export function corruptStatus(document: StatusDocument, place: string, problem: string): RunStatus {
  const { message } = REASONS.SYS_STATE_CORRUPT;
  return failedWith(document, 'SYS_STATE_CORRUPT', `${message}: ${place}: ${problem}`, {
    error_message: `${place}: ${problem}`,
  });
}

function lost(document: StatusDocument, lastLog: string | undefined): RunStatus {
  const { message } = REASONS.SYS_OWNER_LOST;
  const command = resumeCommand(document.executionId);
  return failedWith(document, 'SYS_OWNER_LOST', `${message}; continue with: ${command}`, {
    error_message: message,
    ...(lastLog === undefined ? {} : { diagnostic_path: lastLog }),
  });
}

function failedWith(
  { status }: StatusDocument,
  code: ReasonCode,
  message: string,
  details: Pick<FailedDetails, 'error_message' | 'diagnostic_path'>,
): RunStatus {
  return {
    ...status,
    status: 'failed',
    reason_code: code,
    message,
    details: { error_type: 'system', error_code: code, ...details },
  };
}
