import type { NotificationEvent } from '../../core/notify/notification.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { ApprovalState, RunState } from '../../core/run/state.ts';
import { notifierFor } from '../notify.ts';

export interface Occasion {
  readonly stateDirectory: string;
  readonly projectRoot: string;
  readonly state: RunState;
}

/** Hands the request for an approval to the configured channels, durably; answers with their names. */
export function notifyApprovers(
  input: Occasion & { readonly approval: ApprovalState },
): Result<readonly string[]> {
  return enqueue(input, input.approval, { event: 'requested', at: input.approval.requestedAt });
}

/**
 * Tells the channels that want to know how approvals went: who took over a seat, and how a gate was closed. What an
 * earlier delivery left for later is tried again on the occasion.
 */
export function notifyOfDecisions(input: Occasion, events: readonly RunEvent[]): Result<readonly string[]> {
  const queued: string[] = [];
  for (const event of events) {
    const news = newsOf(event);
    if (news === undefined || !('approvalId' in event)) continue;
    const approval = input.state.approvals.get(event.approvalId);
    if (approval === undefined) continue;
    const result = enqueue(input, approval, news);
    if (!result.ok) return result;
    queued.push(...result.value);
  }
  notifierFor(input.stateDirectory, process.env, input.projectRoot).start();
  return ok(queued);
}

interface News {
  readonly event: NotificationEvent;
  readonly at: string;
  readonly actor?: string;
  readonly comment?: string;
}

function newsOf(event: RunEvent): News | undefined {
  if (event.type === 'approval.delegated') {
    const { actor, at, to, comment } = event;
    const words = comment === undefined ? `to ${to}` : `to ${to}: ${comment}`;
    return { event: 'delegated', at, actor, comment: words };
  }
  // A gate that is asked for anew is told by the new request.
  if (event.type !== 'approval.closed' || event.status === 'void') return undefined;
  const { at, status, reason } = event;
  return { event: status, at, ...(reason === undefined ? {} : { comment: reason }) };
}

function enqueue(
  { stateDirectory, projectRoot, state }: Occasion,
  approval: ApprovalState,
  news: News,
): Result<readonly string[]> {
  const notifier = notifierFor(stateDirectory, process.env, projectRoot);
  const queued = notifier.enqueue({
    approvalId: approval.id,
    executionId: state.executionId,
    pipeline: state.pipeline.name,
    stage: approval.stage,
    summary: approval.summary,
    approvers: approval.seats.map((seat) => seat.holder),
    quorum: approval.quorum,
    deadline: approval.deadline,
    requestedBy: approval.requestedBy,
    ...(state.auditHead === '' ? {} : { chainHead: state.auditHead }),
    approveCommand: `murmur8 approval approve ${approval.id}`,
    rejectCommand: `murmur8 approval reject ${approval.id} --reason "<why>"`,
    ...news,
  });
  if (queued.ok && queued.value.length > 0) notifier.start();
  return queued;
}
