import { join } from 'node:path';
import { findProgram } from '../process/find-program.ts';
import { firstExecutable, platformPackages } from './platform-package.ts';

/**
 * Absolute path of Claude Code: MURMUR8_CLAUDE_PROGRAM, else `claude` on the PATH. Where its package was installed
 * without install scripts, `claude` is a stub that only complains; the program then is in the platform's package.
 */
export async function findClaude(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string | undefined> {
  const named = env['MURMUR8_CLAUDE_PROGRAM'];
  const found = await findProgram(named === undefined || named === '' ? 'claude' : named, env['PATH'], cwd);
  if (found === undefined) return undefined;
  const prefix = `claude-code-${process.platform}-${process.arch}`;
  const packages = await platformPackages(found, '@anthropic-ai/claude-code', prefix);
  return (await firstExecutable(packages.map((directory) => join(directory, 'claude')))) ?? found;
}
