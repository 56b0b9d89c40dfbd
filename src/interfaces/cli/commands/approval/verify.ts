import { verifyAudit } from '../../../../compose/approvals.ts';
import { findRun, runsDirectory } from '../../../../compose/runs.ts';
import {
  type ApprovalOptions,
  approvalExit,
  approvalProgram,
  needApproval,
  reportLook,
} from '../../approval-command.ts';
import { EXIT } from '../../exit-code.ts';
import { printJson } from '../../registry-command.ts';
import { auditVerificationAsText } from '../../report/approval.ts';
import { CommandFailure } from '../../run-command.ts';

/** `approval verify <approval or run>`: checks the audit's chain; exit code 1 when it does not hold. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = approvalProgram(
    'verify',
    'check that the audit of a run’s approvals was not changed',
  ).argument('<approval>', 'id of an approval or of a run, or the beginning of one');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<ApprovalOptions>();
  const directory = runsDirectory(process.cwd(), options.stateDir);
  const name = program.args[0] ?? '';
  const run = findRun(directory, name);
  const known = run.ok ? run.value : needApproval(directory, name).run;
  const verified = verifyAudit(directory, known);
  if (!verified.ok) throw new CommandFailure(verified.error, approvalExit(verified.error));
  const { intact, entries, head, brokenAt, message } = verified.value;
  const document = { intact, entries, head, broken_at: brokenAt, message };
  if (options.json === true) printJson(document);
  else process.stdout.write(auditVerificationAsText(document, await reportLook()));
  return intact ? EXIT.done : EXIT.failed;
}
