import { type ApprovalOptions, approvalProgram, decide, needComment } from '../../approval-command.ts';
import { EXIT } from '../../exit-code.ts';
import { CommandFailure } from '../../run-command.ts';

/** `approval delegate <id> --to <name>`: gives a seat that has not voted to somebody else; deadline and quorum stay. */
export function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram('delegate', 'give a vote that is still open to somebody else')
    .argument('<approval>', 'id of the approval, or the beginning of one')
    .option('--to <name>', 'who shall decide instead')
    .option('--from <name>', 'whose vote, for admins; without it your own')
    .option('--comment <text>', 'said with it, and kept in the audit')
    .option('--as <name>', 'act under this name of yours');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions & { to?: string; from?: string; comment?: string }>();
  const from = options.from === undefined ? {} : { from: options.from };
  const to = options.to?.trim() ?? '';
  if (to === '') {
    const problem = { code: 'usage', message: 'to whom?', hint: 'name them with --to <name>' };
    throw new CommandFailure(problem, EXIT.usage);
  }
  const wish = { kind: 'delegate', to, ...from, ...needComment(options.comment) } as const;
  return decide(program.args[0] ?? '', wish, options, 'delegated');
}
