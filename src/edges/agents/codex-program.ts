import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../process/find-program.ts';
import { firstExecutable, platformPackages } from './platform-package.ts';

/**
 * Absolute path of codex: MURMUR8_CODEX_PROGRAM, else `codex` on the PATH. What npm puts there is a script that
 * starts the native program and does not outlive a kill without leaving it behind: so the native one is taken.
 */
export async function findCodex(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string | undefined> {
  const named = env['MURMUR8_CODEX_PROGRAM'];
  const found = await findProgram(named === undefined || named === '' ? 'codex' : named, env['PATH'], cwd);
  if (found === undefined) return undefined;
  const prefix = `codex-${process.platform}-${process.arch}`;
  const packages = await platformPackages(found, '@openai/codex', prefix);
  const candidates = await Promise.all(packages.map((directory) => nativeIn(join(directory, 'vendor'))));
  return (await firstExecutable(candidates.flat())) ?? found;
}

/** One folder for each target, named by its triple. */
async function nativeIn(vendor: string): Promise<readonly string[]> {
  const targets = await readdir(vendor).catch(() => []);
  return targets.sort().map((target) => join(vendor, target, 'bin', 'codex'));
}

/** The version that stands beside the native program, where npm installed it. */
export async function codexVersionBeside(program: string): Promise<string | undefined> {
  const about = join(dirname(program), '..', 'codex-package.json');
  const text = await readFile(about, 'utf8').catch(() => '');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1];
}
