import { auditOf } from '../../../../compose/approvals.ts';
import { runsDirectory } from '../../../../compose/runs.ts';
import { type ApprovalOptions, approvalProgram, needApproval, reportLook } from '../../approval-command.ts';
import { EXIT } from '../../exit-code.ts';
import { printJson } from '../../registry-command.ts';
import { approvalAsText } from '../../report/approval.ts';

/** `approval show <id>`: what is asked, who has said what, and the audit. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram('show', 'show an approval with its audit').argument(
    '<approval>',
    'id of the approval, or the beginning of one',
  );
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions>();
  const known = needApproval(runsDirectory(process.cwd(), options.stateDir), program.args[0] ?? '');
  const details = { approval: known.row, audit: auditOf(known) };
  if (options.json === true) printJson(details);
  else process.stdout.write(approvalAsText(details, await reportLook()));
  return EXIT.done;
}
