import { type ApprovalOptions, approvalProgram, decide, needComment } from '../../approval-command.ts';

/** `approval approve <id>`: one vote for the stage behind the gate (seed 001, story 5). */
export function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram('approve', 'vote for a stage that waits for approval')
    .argument('<approval>', 'id of the approval, or the beginning of one')
    .option('--comment <text>', 'said with the vote, and kept in the audit')
    .option('--as <name>', 'vote under this name of yours');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions & { comment?: string }>();
  const wish = { kind: 'vote', decision: 'approved', ...needComment(options.comment) } as const;
  return decide(program.args[0] ?? '', wish, options, 'approved');
}
