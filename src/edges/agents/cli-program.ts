import { resolve } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { unfitProgram } from '../process/unfit-program.ts';
import type { CliAgentDefinition, Environment } from './cli-agent-definition.ts';

/** Absolute path of an agent's program that can be started here, or what is wrong with it and what to do. */
export async function findCliProgram(
  definition: CliAgentDefinition,
  env: Environment,
  cwd: string,
): Promise<Result<string>> {
  const variable = `MURMUR8_${definition.name.toUpperCase()}_PROGRAM`;
  const named = env[variable] ?? '';
  const found = await definition.find(env, cwd);
  if (found === undefined && !named.includes('/')) return fail(definition.notFound);
  const file = found ?? resolve(cwd, named);
  const why = await unfitProgram(file);
  if (why === undefined && found !== undefined) return ok(found);
  const other = `install ${definition.title} for ${process.platform} ${process.arch}`;
  return fail({
    code: 'runner-broken',
    message: `${definition.title} cannot be started: ${file} ${why ?? 'cannot be executed'}`,
    file,
    hint:
      named === ''
        ? `${other}, or set ${variable} to its path`
        : `correct ${variable}, which names it, or ${other}`,
  });
}
