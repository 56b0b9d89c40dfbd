import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { AgentRunner } from '../engine/ports.ts';

/**
 * What would only fail later, at a price: an unknown runner, one that does not start or is not logged in, or one that
 * cannot tell its cost under a cost limit.
 */
export async function probeRunners(
  names: Iterable<string>,
  options: {
    readonly runner: (name: string) => Result<AgentRunner>;
    /** Whether it starts here is looked at. */
    readonly validate: boolean;
    readonly hasCostLimit: boolean;
  },
): Promise<Result<void>> {
  for (const name of new Set(names)) {
    const runner = options.runner(name);
    if (!runner.ok) return runner;
    if (!options.validate && !options.hasCostLimit) continue;
    const info = await runner.value.probe();
    if (!info.ok) return info;
    if (options.validate && info.value.login === 'missing') return fail(notLoggedIn(name));
    if (options.hasCostLimit && !info.value.reportsCost) return fail(costUnknown(name));
  }
  return ok(undefined);
}

function notLoggedIn(runner: string): Problem {
  return {
    code: 'DEP_AUTH',
    message: `${runner} is not logged in and has no API key`,
    hint: `log it in once, set its key, or try the pipeline without a model: --runner offline`,
  };
}

function costUnknown(runner: string): Problem {
  return {
    code: 'cost-unknown',
    message: `${runner} does not tell what it costs, so a limit on the cost could not be kept`,
    hint: 'limit it with --max-tokens, --max-attempts or --stage-timeout instead',
  };
}
