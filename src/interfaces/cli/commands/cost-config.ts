import { runConfigCommand } from '../report/config-command.ts';

/** `.claude/cost-config.json`: prices of models, where an agent reports no cost, and limits of a run. */
export function main(argv: readonly string[]): Promise<number> {
  return runConfigCommand('cost', 'show or change prices of models and limits of a run', argv);
}
