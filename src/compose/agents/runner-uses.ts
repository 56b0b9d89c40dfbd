import { type AgentRole, runnerOrder } from '../../core/agent-role.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import type { Result } from '../../core/result.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { featurePipeline } from '../feature/implement.ts';
import { type Place, registryOf } from '../pipelines/place.ts';
import { readDefinition } from '../pipelines/read.ts';
import { shownPath } from '../pipelines/source.ts';
import { DEFAULT_RUNNER } from '../runners.ts';

/** A stage that would use a runner. */
export interface RunnerUse {
  readonly pipeline: string;
  readonly stage: string;
  /** What of the stage: its work, the check of it, or the undoing of it. */
  readonly part: 'work' | 'audit' | 'rollback';
  /** Name of the role. */
  readonly agent: string;
  /** Place in the role's order of runners, from zero; what comes later stands in for what came before. */
  readonly choice: number;
}

export interface RunnerUses {
  /** By the runner's name; also what a role names that no stage has. */
  readonly uses: ReadonlyMap<string, readonly RunnerUse[]>;
  /** Files that cannot be understood, and so may name runners that are not seen here. */
  readonly problems: readonly Problem[];
}

/** Which stages of a project's pipelines would use which runner, by the roles that are found there. */
export async function runnerUses(place: Place): Promise<RunnerUses> {
  const { pipelines, problems } = await pipelinesOf(place);
  const blueprint = createBlueprint(place.root);
  const roles = new Map<string, Result<AgentRole>>();
  const uses = new Map<string, RunnerUse[]>();
  const wrong: Problem[] = [...problems];
  const roleNamed = async (name: string): Promise<Result<AgentRole>> => {
    const known = roles.get(name);
    if (known !== undefined) return known;
    const role = await blueprint.agent(name);
    roles.set(name, role);
    if (!role.ok) wrong.push(role.error);
    return role;
  };
  for (const pipeline of pipelines) {
    for (const { stage, part, agent } of partsOf(pipeline)) {
      const role = await roleNamed(agent);
      if (!role.ok) continue;
      runnerOrder({}, role.value, DEFAULT_RUNNER).forEach((runner, choice) => {
        listIn(uses, runner).push({ pipeline: pipeline.name, stage, part, agent, choice });
      });
    }
  }
  for (const { kind, name, origin } of await blueprint.list()) {
    if (kind !== 'agents' || roles.has(name) || origin === 'shipped') continue;
    const role = await blueprint.agent(name);
    if (role.ok) for (const runner of namedRunners(role.value)) listIn(uses, runner);
    // Claude Code's own agents need not be anything to us.
    else if (origin === 'project') wrong.push(role.error);
  }
  return { uses, problems: wrong };
}

/** A role that names none says nothing of runners. */
function namedRunners(role: AgentRole): readonly string[] {
  return role.runner === undefined ? [] : runnerOrder({}, role, role.runner);
}

async function pipelinesOf(
  place: Place,
): Promise<{ readonly pipelines: readonly Pipeline[]; readonly problems: readonly Problem[] }> {
  const pipelines: Pipeline[] = [];
  const problems: Problem[] = [];
  const feature = await featurePipeline(place);
  if (feature.ok) pipelines.push(feature.value);
  else problems.push(feature.error);
  const registered = registryOf(place).list();
  if (!registered.ok) return { pipelines, problems: [...problems, registered.error] };
  for (const { record, definition, file } of registered.value) {
    const shown = shownPath(place.cwd, file);
    const pipeline =
      'text' in definition
        ? (await readDefinition({ text: definition.text, file: shown }, place)).pipeline
        : undefined;
    if (pipeline !== undefined) pipelines.push(pipeline);
    else
      problems.push({
        code: 'pipeline-unusable',
        message: `the pipeline ${record.name} cannot be understood, so the runners of its stages are not known`,
        file: shown,
        hint: `murmur8 pipeline validate ${shown} says what is wrong`,
      });
  }
  return { pipelines, problems };
}

function partsOf({ stages }: Pipeline): readonly Pick<RunnerUse, 'stage' | 'part' | 'agent'>[] {
  return stages.flatMap((stage) =>
    (
      [
        ['work', stage.work],
        ['audit', stage.audit?.work],
        ['rollback', stage.rollback?.work],
      ] as const
    ).flatMap(([part, job]) =>
      job?.kind === 'agent' ? [{ stage: stage.name, part, agent: job.agent }] : [],
    ),
  );
}

function listIn(uses: Map<string, RunnerUse[]>, runner: string): RunnerUse[] {
  const list = uses.get(runner) ?? [];
  uses.set(runner, list);
  return list;
}
