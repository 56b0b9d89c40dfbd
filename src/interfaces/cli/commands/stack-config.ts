import { runConfigCommand } from '../report/config-command.ts';

/** `.claude/stack-config.json`: language, test runner and commands of the project. */
export function main(argv: readonly string[]): Promise<number> {
  return runConfigCommand('stack', 'show or change what is known of the project and its tools', argv);
}
