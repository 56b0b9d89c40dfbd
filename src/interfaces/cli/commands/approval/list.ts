import { listApprovals } from '../../../../compose/approvals.ts';
import { runsDirectory } from '../../../../compose/runs.ts';
import { type ApprovalOptions, approvalProgram, reportLook, warn } from '../../approval-command.ts';
import { EXIT } from '../../exit-code.ts';
import { printJson } from '../../registry-command.ts';
import { approvalsAsText } from '../../report/approval.ts';

/** `approval list [--pending]`: what was asked for, the newest run first. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram('list', 'list approvals, the newest first').option(
    '--pending',
    'only those that wait for somebody',
  );
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions & { pending?: boolean }>();
  const directory = runsDirectory(process.cwd(), options.stateDir);
  const approvals = listApprovals(directory, { pendingOnly: options.pending === true, warn });
  if (options.json === true) printJson({ approvals });
  else process.stdout.write(approvalsAsText(approvals, await reportLook()));
  return EXIT.done;
}
