import type { PipelineContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { errorAt, type Finding, warningAt } from '../finding.ts';
import { stageLabel } from '../wording.ts';
import { besideRun, unknownAgent } from './agents.ts';

/**
 * Who checks what a stage made (spec: run-status, frames): a command or an agent that is named. No default steps in:
 * whoever made a result is not to be its judge without anybody having said so.
 */
export function auditFindings(draft: Draft, context: PipelineContext): Finding[] {
  const findings: Finding[] = [];
  for (const stage of draft.stages) {
    const { audit, name } = stage.authored;
    if (audit === undefined || typeof audit === 'string') continue;
    const path = [...stage.path, 'audit'];
    if (audit.run !== undefined) {
      findings.push(
        ...besideRun(
          audit,
          ['agent', 'task', 'model'],
          path,
          '"audit"',
          'either a command or an agent audits',
        ),
      );
    } else if (audit.agent === undefined) {
      findings.push(
        errorAt(path, 'key', '"audit" says neither which agent nor which command checks the result', {
          hint: 'give it "agent" and "task", or "run"',
        }),
      );
    } else {
      findings.push(...unknownAgent(audit.agent, [...path, 'agent'], context));
      if (audit.task === undefined)
        findings.push(
          warningAt([...path, 'agent'], 'value', `the audit of ${stageLabel(name)} has no task`, {
            hint: 'its agent is given its role\'s own prompt; say with "task" what is to be right',
          }),
        );
    }
  }
  return findings;
}
