import type { PipelineContext } from '../context.ts';
import { type Draft, itemPath, listOf } from '../draft.ts';
import { errorAt, type Finding, warningAt } from '../finding.ts';
import { quoted } from '../wording.ts';

const NEED_A_GATE = [
  'approvers',
  'quorum',
  'approval_timeout',
  'approval_default',
  'prevent_self_approval',
] as const;

/** Gates that would ask nobody, or could never be passed (spec: pipelines 1 and 6). */
export function approvalFindings(draft: Draft, context: PipelineContext): Finding[] {
  const findings: Finding[] = [];
  for (const { authored, path } of draft.stages) {
    if (draft.isBroken(path, 'requires_approval')) continue;
    const { approvers: written, quorum, name } = authored;
    if (authored.requires_approval !== true) {
      for (const key of NEED_A_GATE)
        if (authored[key] !== undefined)
          findings.push(
            errorAt([...path, key], 'key', `${quoted(key)} without "requires_approval: true" asks nobody`, {
              hint: `add "requires_approval: true" to ${quoted(name)}, or take ${quoted(key)} out`,
            }),
          );
      continue;
    }
    const approvers = listOf(written);
    for (const [index, approver] of approvers.entries())
      if (approvers.indexOf(approver) < index)
        findings.push(
          errorAt(
            itemPath([...path, 'approvers'], written, index),
            'value',
            `${quoted(approver)} is an approver twice`,
            {
              hint: 'a person has one vote; name each once',
            },
          ),
        );
    const configured = context.defaultApprovers ?? [];
    const seats = new Set(approvers.length > 0 ? approvers : configured).size;
    if (approvers.length === 0 && configured.length === 0 && !draft.isBroken(path, 'approvers'))
      findings.push(
        warningAt(
          [...path, 'requires_approval'],
          'key',
          `${quoted(name)} requires an approval and names no approvers`,
          {
            hint: 'the configured user is asked; name people with "approvers"',
          },
        ),
      );
    if (typeof quorum === 'number' && seats > 0 && quorum > seats)
      findings.push(
        errorAt([...path, 'quorum'], 'value', `${quorum} votes are needed, but only ${seats} can vote`, {
          hint: `write at most ${seats}, or name more approvers`,
        }),
      );
  }
  return findings;
}
