import type { ContractRule } from './rules.ts';

/** One way in which a stage's contract does not hold, precise enough that an agent can mend it. */
export interface Finding {
  readonly rule: ContractRule;
  /** Relative to the project's root. */
  readonly file?: string;
  /** From one. */
  readonly line?: number;
  readonly message: string;
}

/** `file:line: message (rule)`: the form in which a finding is put back to an agent. */
export function formatFinding(finding: Finding): string {
  const line = finding.line === undefined ? '' : `:${finding.line}`;
  const place = finding.file === undefined ? '' : `${finding.file}${line}: `;
  return `${place}${finding.message} (${finding.rule})`;
}
