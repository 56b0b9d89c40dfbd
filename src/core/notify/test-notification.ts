import type { Notification } from './notification.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A made-up notification that says so. `now` in ms since the epoch. */
export function testNotification(now: number): Notification {
  return {
    approvalId: 'test',
    executionId: 'test',
    pipeline: 'test',
    stage: 'test',
    event: 'test',
    summary: 'nothing: this message only shows that the channel works',
    approvers: ['nobody'],
    quorum: 1,
    deadline: new Date(now + HOUR_MS).toISOString(),
    requestedBy: 'notify-config test',
    approveCommand: 'true',
    rejectCommand: 'true',
    at: new Date(now).toISOString(),
  };
}
