import { runConfigCommand } from '../report/config-command.ts';

/** `.claude/feedback-config.json`: what becomes of the ratings between agents. */
export function main(argv: readonly string[]): Promise<number> {
  return runConfigCommand('feedback', 'show or change what becomes of ratings between agents', argv);
}
