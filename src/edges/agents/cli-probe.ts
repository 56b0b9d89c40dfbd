import { plainText, shorten } from '../../core/agent/plain-text.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunnerInfo } from '../../engine/ports.ts';
import { capture } from '../process/capture.ts';
import { childEnvironment } from '../process/child-environment.ts';
import type { CliAgentDefinition, Environment } from './cli-agent-definition.ts';
import { findCliProgram } from './cli-program.ts';

const VERSION_TIMEOUT_MS = 20_000;

/** Finds the program and has it tell its version, without any request to a model service. */
export async function probeCliAgent(
  definition: CliAgentDefinition,
  env: Environment,
  cwd: string,
  timeoutMs: number = VERSION_TIMEOUT_MS,
): Promise<Result<RunnerInfo>> {
  const found = await findCliProgram(definition, env, cwd);
  if (!found.ok) return found;
  const program = found.value;
  const captured = await capture(program, ['--version'], {
    cwd,
    env: childEnvironment(env, definition.versionEnvironment(env)),
    timeoutMs,
    ownGroup: true,
    maxBytes: 64 * 1024,
  });
  const version = /\d+\.\d+\.\d+[^\s]*/.exec(captured.stdout.toString('utf8'))?.[0];
  if (captured.exitCode !== 0 || version === undefined) {
    const why = captured.timedOut
      ? `no answer to --version within ${timeoutMs / 1000} s`
      : (captured.spawnError?.message ?? captured.stderr.trim());
    return fail({
      code: 'runner-broken',
      message: `${definition.title} does not start: ${shorten(plainText(why), 300)}`,
      file: program,
      hint: 'run it once by hand with --version',
    });
  }
  const login = await definition.login(env);
  return ok({ runner: definition.name, version, program, login, reportsCost: definition.reportsCost });
}
