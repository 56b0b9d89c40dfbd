import { resumeCommand } from '../../../core/status/run-status.ts';
import type {
  ApprovalDetailsDocument,
  ApprovalRecord,
  AuditEntryRecord,
  AuditVerificationDocument,
} from '../../contract/approval.ts';
import { asTyped } from '../as-typed.ts';
import { approveCommand, rejectCommand } from './approval-lines.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { namesAsText } from './graph/stage-text.ts';
import { wrapped } from './graph/wrap.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { formatPairs, formatTable } from './table.ts';

/** How a report is laid out. */
export interface ReportLook {
  readonly style: Style;
  /** Columns of the terminal, or of whatever is written to. */
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Below this an id of 36 characters and its table do not go together. */
const TABLE_WIDTH = 110;
const SHOWN_HASH = 12;

/** `approval list`: a table where there is room, else some lines for each. */
export function approvalsAsText(approvals: readonly ApprovalRecord[], look: ReportLook): string {
  if (approvals.length === 0) return 'no approvals\n';
  return look.width >= TABLE_WIDTH
    ? approvalTable(approvals, look)
    : approvals.map((approval) => approvalBlock(approval, look)).join('\n');
}

/** `approval show`: what is asked, who has said what, and everything that is on record about it. */
export function approvalAsText({ approval, audit }: ApprovalDetailsDocument, look: ReportLook): string {
  const { subject } = approval;
  const pairs = formatPairs([
    ['Approval', approval.id],
    ['Status', { text: statusText(approval), paint: paintOf(approval.status, look.style) }],
    ['Stage', `${approval.stage_name} of ${approval.pipeline}`],
    ['Run', approval.run_id],
    ['Asked by', `${oneLine(approval.requested_by)} at ${formatInstant(approval.requested_at)}`],
    ['Deadline', deadlineText(approval, look.now)],
    ['Votes', votesText(approval, look.now)],
    ['Commit', subject.commit ?? 'none'],
    ['Definition', subject.definition.slice(0, SHOWN_HASH)],
    ['Inputs', subject.inputs.slice(0, SHOWN_HASH)],
  ]);
  const own = approval.prevent_self_approval ? ['whoever started the run cannot vote'] : [];
  const lines = [
    ...indented([approval.summary, ...own], 2, look.width),
    '',
    ...seatLines(approval, look),
    ...commandLines(approval, look.now),
    '',
    look.style.bold('Audit:'),
    ...audit.flatMap((entry) => auditLines(entry, audit, look)),
  ];
  return `${pairs}\n${lines.join('\n')}\n`;
}

/** `approval verify`: whether the chain of the audit holds. */
export function auditVerificationAsText(
  { intact, entries, head, broken_at, message }: AuditVerificationDocument,
  { style }: Pick<ReportLook, 'style'>,
): string {
  const count = entries === 1 ? '1 entry' : `${entries} entries`;
  const verdict = intact
    ? style.green(`intact: ${count}`)
    : style.red(
        `broken${broken_at === null ? '' : ` at event ${broken_at}`}: ${oneLine(message ?? 'the chain does not hold', 300)}`,
      );
  return `${verdict}\nhead ${head === '' ? 'none' : oneLine(head)}\n`;
}

/** An approval with its votes and, while it is open, what to type; indented by two. */
export function approvalLines(approval: ApprovalRecord, look: ReportLook): string[] {
  const { style } = look;
  const head = `  ${approval.stage_name}: ${paintOf(approval.status, style)(statusText(approval))}`;
  if (approval.status !== 'pending') return [head, ...seatLines(approval, look, 4)];
  return [
    `${head}, ${votesText(approval, look.now)}`,
    ...indented([deadlineText(approval, look.now), approval.summary], 4, look.width),
    ...seatLines(approval, look, 4),
    ...commandLines(approval, look.now, 4),
  ];
}

function approvalTable(approvals: readonly ApprovalRecord[], { style, now }: ReportLook): string {
  const columns = ['ID', 'STATUS', 'PIPELINE', 'STAGE', 'VOTES', 'DEADLINE', 'WAITS FOR'];
  const rows = approvals.map((approval) => [
    approval.id,
    { text: approval.status, paint: paintOf(approval.status, style) },
    approval.pipeline,
    approval.stage_name,
    `${approvedOf(approval)} of ${approval.quorum}`,
    approval.status === 'pending' ? leftText(approval, now) : '-',
    approval.status !== 'pending'
      ? '-'
      : isOverdue(approval, now)
        ? resumption(approval)
        : waitsFor(approval),
  ]);
  return formatTable(
    columns.map((title) => ({ title })),
    rows,
    style,
  );
}

function approvalBlock(approval: ApprovalRecord, look: ReportLook): string {
  const { style, width, now } = look;
  const about = [
    `${approval.stage_name} of ${approval.pipeline}, asked by ${oneLine(approval.requested_by)} at ${formatInstant(approval.requested_at)}`,
    ...(approval.status === 'pending'
      ? [
          isOverdue(approval, now)
            ? `${deadlineText(approval, now)}: ${resumption(approval)}`
            : `waits for ${waitsFor(approval)}, ${leftText(approval, now)} left`,
        ]
      : []),
  ];
  const votes = `${approvedOf(approval)} of ${approval.quorum}`;
  const head = `${oneLine(approval.id)}  ${paintOf(approval.status, style)(approval.status)}  ${votes}`;
  return `${[head, ...indented(about, 2, width)].join('\n')}\n`;
}

function seatLines(approval: ApprovalRecord, { style, width }: ReportLook, indent = 2): string[] {
  const decisions = new Map(approval.decisions.map((decision) => [decision.actor, decision]));
  return approval.seats.flatMap(({ approver, holder, decision }) => {
    const made = decision === null ? undefined : decisions.get(holder);
    const who = approver === holder ? oneLine(holder) : `${oneLine(holder)} for ${oneLine(approver)}`;
    const when =
      made === undefined ? '' : ` at ${formatInstant(made.decided_at)} by ${oneLine(made.channel, 40)}`;
    const paint = paintOf(decision ?? 'open', style);
    const line = `${' '.repeat(indent)}${paint(decision === 'approved' ? '✓' : decision === 'rejected' ? '✗' : '·')} ${who}: ${decision ?? 'has not voted'}${when}`;
    const comment = made?.comment ?? null;
    return [line, ...(comment === null ? [] : indented([comment], indent + 4, width))];
  });
}

/** Never cut: they are there to be copied. A vote after the deadline would be refused. */
function commandLines(approval: ApprovalRecord, now: number, indent = 2): string[] {
  if (approval.status !== 'pending') return [];
  const commands = isOverdue(approval, now)
    ? [resumption(approval)]
    : [approveCommand(approval.id), rejectCommand(approval.id)];
  return commands.map((command) => `${' '.repeat(indent)}${command}`);
}

/** What makes the passed deadline take effect: whoever drives the run next sees to it. */
function resumption({ run_id }: ApprovalRecord): string {
  return asTyped(resumeCommand(run_id));
}

function isOverdue(approval: ApprovalRecord, now: number): boolean {
  return approval.status === 'pending' && Date.parse(approval.deadline) <= now;
}

function auditLines(
  entry: AuditEntryRecord,
  audit: readonly AuditEntryRecord[],
  { style, width }: ReportLook,
): string[] {
  const wide = audit.reduce((most, { event }) => Math.max(most, event.length), 0);
  const by = [
    ...(entry.actor === null ? [] : [oneLine(entry.actor, 60)]),
    ...(entry.channel === null ? [] : [`by ${oneLine(entry.channel, 40)}`]),
  ].join(' ');
  const line = `  ${formatInstant(entry.at)}  ${style.dim(entry.chain.slice(0, SHOWN_HASH))}  ${entry.event.padEnd(wide)}  ${by}`;
  return [line.trimEnd(), ...(entry.comment === null ? [] : indented([entry.comment], 6, width))];
}

function indented(texts: readonly string[], indent: number, width: number): string[] {
  return texts.flatMap((text) =>
    wrapped(oneLine(text, 2000), Math.max(20, width - indent)).map((line) => `${' '.repeat(indent)}${line}`),
  );
}

function statusText({ status, action, reason }: ApprovalRecord): string {
  const meant = action === null ? '' : `, so ${action === 'approve' ? 'approved' : 'rejected'}`;
  return `${status}${meant}${reason === null ? '' : `: ${oneLine(reason, 300)}`}`;
}

function votesText(approval: ApprovalRecord, now: number): string {
  const waits =
    approval.status === 'pending' && !isOverdue(approval, now) ? `, waits for ${waitsFor(approval)}` : '';
  return `${approvedOf(approval)} of ${approval.quorum} needed${waits}`;
}

function waitsFor(approval: ApprovalRecord): string {
  const open = approval.seats.filter((seat) => seat.decision === null).map((seat) => seat.holder);
  return open.length === 0 ? 'nobody' : namesAsText(open, 3);
}

function approvedOf(approval: ApprovalRecord): number {
  return approval.seats.filter((seat) => seat.decision === 'approved').length;
}

function deadlineText(approval: ApprovalRecord, now: number): string {
  const action = approval.default_action === 'approve' ? 'approved' : 'rejected';
  if (isOverdue(approval, now))
    return `passed at ${formatInstant(approval.deadline)}; it is ${action} as soon as the run goes on`;
  const left = approval.status === 'pending' ? ` (${leftText(approval, now)} left)` : '';
  return `until ${formatInstant(approval.deadline)}${left}, else ${action}`;
}

function leftText(approval: ApprovalRecord, now: number): string {
  return isOverdue(approval, now) ? 'passed' : formatDuration(Date.parse(approval.deadline) - now);
}

function paintOf(status: string, style: Style): (text: string) => string {
  if (status === 'approved') return style.green;
  if (status === 'pending') return style.yellow;
  return status === 'open' || status === 'cancelled' || status === 'void' ? style.dim : style.red;
}
