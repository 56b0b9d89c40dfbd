import { untestedVersion } from '../../core/agent/tested-version.ts';
import { unknownTools } from '../../core/agent/tool-names.ts';
import { type AgentRole, runnerOrder } from '../../core/agent-role.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { Check } from '../check.ts';
import { failedCheck } from '../check.ts';
import { createRunner, DEFAULT_RUNNER, testedVersions } from '../runners.ts';
import { loginAdvice } from './login-advice.ts';

export interface RunnersQuestion {
  /** Absent when it cannot be read, which somebody else says. */
  readonly pipeline: Pipeline | undefined;
  /** Those that can be read, by their names. */
  readonly roles: ReadonlyMap<string, AgentRole>;
  /** As `--runner` named them. */
  readonly asked: { readonly runner?: string; readonly fallbackRunners?: readonly string[] };
  /** Absolute; where agents work. */
  readonly cwd: string;
}

/**
 * Every runner that a run would use, those included that would only take over from another: the run looks at all of
 * them before it begins.
 */
export async function runnerChecks(question: RunnersQuestion): Promise<readonly Check[]> {
  const jobs = jobsOf(question);
  const checks = await Promise.all([...jobs].map(([name, job]) => look(name, job, jobs.size > 1, question)));
  return [...checks.flat(), ...toolChecks(question)];
}

/** A name that nobody knows is passed over, and the role can do less than its author thinks. */
function toolChecks({ roles, asked }: RunnersQuestion): readonly Check[] {
  return [...roles.values()].flatMap(({ name, file, tools = [], ...role }) =>
    runnerOrder(asked, role, DEFAULT_RUNNER).flatMap((runner): readonly Check[] => {
      // It reads no tools.
      const unknown = /^(?:offline$|command:)/.test(runner) ? undefined : unknownTools(runner, tools);
      if (unknown === undefined) return [];
      const fix = `correct the tools of ${name} in ${file}: they are named as in Claude Code`;
      return [{ name: 'tools', state: 'warning', found: `${name}: ${unknown}`, fix }];
    }),
  );
}

/** What a runner would do. */
interface RunnerJob {
  readonly stages: string[];
  /** Those that it would take over. */
  readonly standsInFor: string[];
}

function jobsOf({ pipeline, roles, asked }: RunnersQuestion): ReadonlyMap<string, RunnerJob> {
  const jobs = new Map<string, RunnerJob>();
  const jobOf = (name: string): RunnerJob => {
    const job = jobs.get(name) ?? { stages: [], standsInFor: [] };
    jobs.set(name, job);
    return job;
  };
  for (const { name, work } of pipeline?.stages ?? []) {
    const role = work.kind === 'agent' ? roles.get(work.agent) : undefined;
    if (role === undefined) continue;
    const [first, ...others] = runnerOrder(asked, role, DEFAULT_RUNNER);
    jobOf(first).stages.push(name);
    for (const other of others) jobOf(other).standsInFor.push(name);
  }
  if (jobs.size === 0) for (const name of runnerOrder(asked, undefined, DEFAULT_RUNNER)) jobOf(name);
  return jobs;
}

async function look(
  name: string,
  job: RunnerJob,
  isOneOfSeveral: boolean,
  { cwd }: RunnersQuestion,
): Promise<readonly Check[]> {
  const doing = isOneOfSeveral ? `, ${jobText(job)}` : '';
  const runner = createRunner(name, { env: process.env, secrets: [], cwd });
  if (!runner.ok) return [inWords(failedCheck('runner', runner.error), doing)];
  const info = await runner.value.probe();
  if (!info.ok) return [inWords(failedCheck('runner', info.error), doing)];
  const { version, program, login } = info.value;
  const found = `${name}${version === undefined ? '' : ` ${version}`}${program === undefined ? '' : ` (${program})`}`;
  if (login === 'missing') {
    const fix = `${loginAdvice(name)}; --runner offline needs neither`;
    return [
      { name: 'runner', state: 'failed', found: `${found} is not logged in and has no API key${doing}`, fix },
    ];
  }
  return [{ name: 'runner', state: 'ok', found: `${found}${doing}` }, ...versionCheck(name, version)];
}

function inWords(check: Check, doing: string): Check {
  return { ...check, found: `${check.found}${doing}` };
}

function jobText({ stages, standsInFor }: RunnerJob): string {
  return [
    ...(stages.length === 0 ? [] : [`for ${stages.join(', ')}`]),
    ...(standsInFor.length === 0 ? [] : [`to take over ${standsInFor.join(', ')}`]),
  ].join(', and ');
}

/** Agents promise nothing about the form in which they tell what they do. */
function versionCheck(runner: string, version: string | undefined): readonly Check[] {
  const tested = testedVersions(runner);
  const untested =
    version === undefined || tested === undefined ? undefined : untestedVersion(version, tested);
  if (untested === undefined) return [];
  const fix = `it may work as well: murmur8 agents test ${runner} tries it; if not, install a version that was tested`;
  return [{ name: 'runner version', state: 'warning', found: `${runner}: ${untested}`, fix }];
}
