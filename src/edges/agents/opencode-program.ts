import { join } from 'node:path';
import { findProgram } from '../process/find-program.ts';
import type { Environment } from './cli-agent-definition.ts';
import { firstExecutable, platformPackages } from './platform-package.ts';

/**
 * Absolute path of opencode: MURMUR8_OPENCODE_PROGRAM, else `opencode` on the PATH. Where its package was installed
 * without install scripts, `opencode` is a stub that only complains; the program then is in the platform's package.
 */
export async function findOpencode(env: Environment, cwd: string): Promise<string | undefined> {
  const found = await findProgram(env['MURMUR8_OPENCODE_PROGRAM'] || 'opencode', env['PATH'], cwd);
  if (found === undefined) return undefined;
  const packages = await platformPackages(
    found,
    'opencode-ai',
    `opencode-${process.platform}-${process.arch}`,
  );
  // The baseline variant also runs on processors without AVX2; nobody here knows which one this is.
  const baselineFirst = [...packages].sort(
    (a, b) => Number(b.includes('-baseline')) - Number(a.includes('-baseline')),
  );
  return (
    (await firstExecutable(baselineFirst.map((directory) => join(directory, 'bin', 'opencode')))) ?? found
  );
}
