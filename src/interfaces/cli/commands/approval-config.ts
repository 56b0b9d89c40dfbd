import { runConfigCommand } from '../report/config-command.ts';

/** `.claude/approval-config.json`: who decides here, and what follows a decision. */
export function main(argv: readonly string[]): Promise<number> {
  return runConfigCommand('approval', 'show or change who approves, and what follows a decision', argv);
}
