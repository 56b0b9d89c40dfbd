import { createMasker } from '../../core/agent/mask.ts';
import { type DryRunRow, dryRun } from '../../core/record/dry-run.ts';
import { projectSecrets } from '../secrets.ts';
import { creationOf } from './create.ts';
import { checkedOutBranch } from './place.ts';
import { defaultApproversOf, type PreparedRun } from './prepare.ts';

/** What a run would do. Writes nothing, not even directories. */
export async function dryRunOf(
  prepared: PreparedRun,
): Promise<{ readonly plan: DryRunRow; readonly branch?: string }> {
  const plan = dryRun({
    created: creationOf(prepared, null),
    defaultApprovers: defaultApproversOf(prepared.approval),
    mask: createMasker(projectSecrets(prepared.place.mainRoot)),
  });
  const branch = await checkedOutBranch(prepared.place.root);
  return { plan, ...(branch === undefined ? {} : { branch }) };
}
