import { plainText, shorten } from '../agent/plain-text.ts';
import type { Notification } from './notification.ts';

/** A notification in plain words: a headline without line ends, facts, and what to type. */
export interface Message {
  readonly headline: string;
  /** What would run, as written; may have several lines. Absent where nothing is asked any more. */
  readonly work?: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Commands, each on one line; only while a decision is asked for. */
  readonly commands: readonly (readonly [label: string, command: string])[];
}

const LONGEST_WORK = 8_000;
const LONGEST_COMMENT = 2_000;
const LONGEST_NAME = 300;
const MOST_NAMES = 30;

/** All texts come out without control characters; everything but the work on one line. */
export function messageOf(notification: Notification): Message {
  const { event } = notification;
  const asks = event === 'requested' || event === 'delegated' || event === 'test';
  return {
    headline: headlineOf(notification),
    ...(asks ? { work: shorten(plainText(notification.summary).trim(), LONGEST_WORK) } : {}),
    facts: [
      ...(notification.comment === undefined
        ? []
        : [['Comment', line(notification.comment, LONGEST_COMMENT)] as const]),
      ...(asks ? askingFacts(notification) : []),
      ['Run', line(notification.executionId)],
      ['Approval', line(notification.approvalId)],
      ...(notification.chainHead === undefined
        ? []
        : [['Head of the audit chain', line(notification.chainHead)] as const]),
    ],
    commands: asks
      ? [
          ['To approve', line(notification.approveCommand, LONGEST_COMMENT)],
          ['To reject', line(notification.rejectCommand, LONGEST_COMMENT)],
        ]
      : [],
  };
}

/** The message as text. The work is indented, so that nothing in it can pass for a line of ours. */
export function messageText(message: Message): string {
  const block = (title: string, text: string): string =>
    `\n${title}:\n${text
      .split('\n')
      .map((one) => `    ${one}`.trimEnd())
      .join('\n')}\n`;
  return [
    `${message.headline}.\n`,
    ...(message.work === undefined ? [] : [block('What would run', message.work || '(nothing is said)')]),
    '\n',
    ...message.facts.map(([label, value]) => `${label}: ${value}\n`),
    ...message.commands.map(([label, command]) => block(label, command)),
  ].join('');
}

/** For the subject of a mail and the like. */
export function subjectOf(message: Message): string {
  return `[murmur8] ${shorten(message.headline, 200)}`;
}

function headlineOf(notification: Notification): string {
  const place = `stage ${line(notification.stage)} of pipeline ${line(notification.pipeline)}`;
  const actor = line(notification.actor ?? 'somebody');
  switch (notification.event) {
    case 'requested':
      return `Approval needed: ${place}`;
    case 'delegated':
      return `Approval delegated by ${actor}: ${place}`;
    case 'approved':
      return `Approved by ${actor}: ${place}`;
    case 'rejected':
      return `Rejected by ${actor}: ${place}`;
    case 'timed_out':
      return `Approval timed out: ${place}`;
    case 'cancelled':
      return `Approval cancelled: ${place}`;
    case 'test':
      return `This is a test, nothing waits for you: ${place}`;
  }
}

function askingFacts(notification: Notification): readonly (readonly [string, string])[] {
  const { approvers, quorum } = notification;
  const names = approvers.slice(0, MOST_NAMES).map((name) => line(name));
  const more = approvers.length - names.length;
  const who = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    ['Who may decide', who],
    ['Votes needed', `${quorum} of ${approvers.length}`],
    ['Deadline', line(notification.deadline)],
    ['Asked for by', line(notification.requestedBy)],
  ];
}

function line(text: string, longest = LONGEST_NAME): string {
  return shorten(plainText(text).replace(/\s+/g, ' ').trim(), longest);
}
