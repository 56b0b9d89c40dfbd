/** What can happen to an approval that people are told of. */
export const NOTIFICATION_EVENTS = [
  'requested',
  'approved',
  'rejected',
  'delegated',
  'timed_out',
  'cancelled',
] as const;

export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

/** One thing that happened to an approval. Times are ISO 8601; texts may hold anything and are made harmless later. */
export interface Notification {
  readonly approvalId: string;
  readonly executionId: string;
  readonly pipeline: string;
  readonly stage: string;
  /** `test` only comes from `notify-config test`. */
  readonly event: NotificationEvent | 'test';
  /** What would run: the stage's task or command with its variables filled in, masked. */
  readonly summary: string;
  readonly approvers: readonly string[];
  /** Votes that are needed. */
  readonly quorum: number;
  readonly deadline: string;
  readonly requestedBy: string;
  /** Who did it, where somebody did. */
  readonly actor?: string;
  readonly comment?: string;
  /** Head of the audit's hash chain after this event, so that a rewritten log can be told. */
  readonly chainHead?: string;
  /** The commands to type, whole. */
  readonly approveCommand: string;
  readonly rejectCommand: string;
  /** When it happened; the same on every attempt to tell of it. */
  readonly at: string;
}

/** Does it ask somebody to decide? After the deadline such a message would only mislead. */
export function asksForDecision(notification: Pick<Notification, 'event'>): boolean {
  return notification.event === 'requested' || notification.event === 'delegated';
}
