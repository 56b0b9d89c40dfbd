import { runConfigCommand } from '../report/config-command.ts';

/** `.claude/retry-config.json`: when and how a stage is tried again. */
export function main(argv: readonly string[]): Promise<number> {
  return runConfigCommand('retry', 'show or change when and how a stage is tried again', argv);
}
