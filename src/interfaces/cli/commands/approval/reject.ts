import { type ApprovalOptions, approvalProgram, decide, needComment } from '../../approval-command.ts';

/** `approval reject <id>`: one vote against; the run fails once the quorum is out of reach, and nothing is undone. */
export function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram('reject', 'vote against a stage that waits for approval')
    .argument('<approval>', 'id of the approval, or the beginning of one')
    .option('--reason <text>', 'why; kept in the audit and shown with the run')
    .option('--as <name>', 'vote under this name of yours');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions & { reason?: string }>();
  const wish = { kind: 'vote', decision: 'rejected', ...needComment(options.reason) } as const;
  return decide(program.args[0] ?? '', wish, options, 'rejected');
}
