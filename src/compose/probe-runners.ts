import type { RunnerOrder } from '../core/agent-role.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { AgentRunner } from '../engine/ports.ts';
import { loginAdvice } from './agents/login-advice.ts';

/**
 * What would only fail later, at a price: an unknown runner, or one that does not start or is not logged in. One that
 * would only take over from another is looked at as well: it is needed just when nobody is there to mend it.
 */
export async function probeRunners(
  wanted: Iterable<RunnerOrder>,
  options: {
    readonly runner: (name: string) => Result<AgentRunner>;
    /** Whether it starts here is looked at. */
    readonly validate: boolean;
  },
): Promise<Result<void>> {
  for (const [name, first] of firstOf(wanted)) {
    const probed = await probe(name, options);
    if (!probed.ok) return first === undefined ? probed : fail(asFallback(probed.error, name, first));
  }
  return ok(undefined);
}

/** Every runner, with whom it would take over from; undefined for one that is somewhere the first itself. */
function firstOf(wanted: Iterable<RunnerOrder>): Map<string, string | undefined> {
  const orders = [...wanted];
  const names = new Map<string, string | undefined>(orders.map(([first]) => [first, undefined]));
  for (const [first, ...fallbacks] of orders)
    for (const name of fallbacks) if (!names.has(name)) names.set(name, first);
  return names;
}

async function probe(name: string, options: Parameters<typeof probeRunners>[1]): Promise<Result<void>> {
  const runner = options.runner(name);
  if (!runner.ok) return runner;
  if (!options.validate) return ok(undefined);
  const info = await runner.value.probe();
  if (!info.ok) return info;
  return info.value.login === 'missing' ? fail(notLoggedIn(name)) : ok(undefined);
}

function asFallback(problem: Problem, name: string, first: string): Problem {
  const hint = `${problem.hint === undefined ? '' : `${problem.hint}; or `}take ${name} out of the runners`;
  return { ...problem, message: `${name}, the fallback of ${first}: ${problem.message}`, hint };
}

function notLoggedIn(runner: string): Problem {
  return {
    code: 'DEP_AUTH',
    message: `${runner} is not logged in and has no API key`,
    hint: `${loginAdvice(runner)}; or try the pipeline without a model: --runner offline`,
  };
}
