import type { Command } from 'commander';
import { findApproval, type KnownApproval } from '../../compose/approvals.ts';
import { type Decided, decideApproval, type Wish } from '../../compose/pipeline/decide-approval.ts';
import { placeOf } from '../../compose/pipelines/place.ts';
import type { Problem } from '../../core/problem.ts';
import { resumeCommand } from '../../core/status/run-status.ts';
import { asTyped } from './as-typed.ts';
import { EXIT } from './exit-code.ts';
import { newProgram } from './program.ts';
import { printJson, STATE_DIR } from './registry-command.ts';
import type { ReportLook } from './report/approval.ts';
import { oneLine } from './report/one-line.ts';
import { styleFor } from './report/style.ts';
import { CommandFailure, formatProblem } from './run-command.ts';

export interface ApprovalOptions {
  readonly json?: boolean;
  readonly stateDir?: string;
  readonly as?: string;
}

const LONGEST_COMMENT = 4_000;

/** A program with the options that all commands about approvals take. */
export function approvalProgram(name: string, summary: string): Command {
  return newProgram(`approval ${name}`, summary)
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
}

/** How reports are laid out on this terminal, or in a pipe. */
export async function reportLook(): Promise<ReportLook> {
  return { style: await styleFor(process.stdout), width: process.stdout.columns ?? 120, now: Date.now() };
}

export function warn(problem: Problem): void {
  process.stderr.write(formatProblem(problem).replace(/^murmur8: /, 'murmur8: warning: '));
}

/** The approval named, or the end of the command with exit code 6. */
export function needApproval(stateDirectory: string, name: string): KnownApproval {
  const found = findApproval(stateDirectory, name);
  if (found.ok) return found.value;
  throw new CommandFailure(found.error, approvalExit(found.error));
}

/** Spec pipelines 9: who may not decide is refused (5), what is closed or said already is a conflict (7). */
export function approvalExit({ code }: Problem): number {
  switch (code) {
    case 'forbidden':
      return EXIT.rejected;
    case 'conflict':
    case 'held':
      return EXIT.conflict;
    case 'not-found':
      return EXIT.notFound;
    case 'bad-id':
      return EXIT.usage;
    default:
      return EXIT.failed;
  }
}

/** Text that a person says with a decision; it is kept for good, so it is bounded. */
export function needComment(text: string | undefined): { readonly comment?: string } {
  if (text === undefined || text.trim() === '') return {};
  if (text.length <= LONGEST_COMMENT) return { comment: text };
  throw new CommandFailure(
    { code: 'bad-comment', message: `a comment has at most ${LONGEST_COMMENT} characters` },
    EXIT.usage,
  );
}

/** Asks for what was wished, says what came of it, and what happens next. */
export async function decide(
  name: string,
  wish: Wish,
  options: ApprovalOptions,
  done: string,
): Promise<number> {
  const { stateDirectory, root } = placeOf(process.cwd(), options.stateDir);
  const approval = needApproval(stateDirectory, name);
  const decided = await decideApproval({
    stateDirectory,
    projectRoot: root,
    approval,
    wish,
    as: options.as,
    warn,
  });
  if (!decided.ok) throw new CommandFailure(decided.error, approvalExit(decided.error));
  const { row } = needApproval(stateDirectory, approval.row.id);
  if (options.json === true) {
    printJson({
      approval: row,
      goes_on: decided.value.goesOn,
      run_status: decided.value.state?.phase ?? null,
    });
    return EXIT.done;
  }
  const open = row.seats.filter((seat) => seat.decision === null).map((seat) => seat.holder);
  const yes = row.decisions.filter((decision) => decision.decision === 'approved').length;
  const tally =
    row.status === 'pending'
      ? `${yes} of ${row.quorum} votes; still open: ${open.map((holder) => oneLine(holder, 60)).join(', ')}`
      : row.status === 'void'
        ? `void, as ${oneLine(row.reason ?? 'what was to be approved has changed', 300)}; it is asked for again`
        : row.status;
  process.stdout.write(
    asTyped(
      `${row.stage_name} of ${row.pipeline}: ${done} as ${oneLine(decided.value.actor, 60)}; ${tally}\n${afterwards(decided.value, row.run_id)}`,
    ),
  );
  return EXIT.done;
}

function afterwards({ goesOn, state }: Decided, runId: string): string {
  switch (goesOn) {
    case 'owner':
      return `run ${runId} is being driven and sees it\n`;
    case 'started':
      return `run ${runId} goes on in the background: murmur8 pipeline status ${runId}\n`;
    case 'by-hand':
      return `run ${runId} can go on: ${resumeCommand(runId)}\n`;
    case 'ended':
      return `run ${runId} has ended: ${state?.code ?? ''}\n`;
    case 'waits':
      return '';
  }
}
