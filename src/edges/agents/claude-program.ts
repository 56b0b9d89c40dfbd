import { constants } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { findProgram } from '../process/find-program.ts';

const PACKAGE = join('@anthropic-ai', 'claude-code');
/** The real program has hundreds of megabytes; the stub that stands in for it, a few hundred bytes. */
const STUB_BYTES = 64 * 1024;

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
  return found === undefined ? undefined : ((await behindStub(found)) ?? found);
}

async function behindStub(program: string): Promise<string | undefined> {
  const real = await realpath(program).catch(() => program);
  const at = real.lastIndexOf(`${sep}${PACKAGE}${sep}`);
  if (at < 0 || (await stat(real)).size > STUB_BYTES) return undefined;
  const packageRoot = real.slice(0, at + 1 + PACKAGE.length);
  const prefix = `claude-code-${process.platform}-${process.arch}`;
  const scopes = [dirname(packageRoot), join(packageRoot, 'node_modules', '@anthropic-ai')];
  for (const scope of scopes) {
    const names = await readdir(scope).catch(() => []);
    // With both C libraries installed, the plain name is the common one.
    for (const name of names.filter((candidate) => candidate.startsWith(prefix)).sort()) {
      const candidate = join(scope, name, 'claude');
      const usable = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) return candidate;
    }
  }
  return undefined;
}
