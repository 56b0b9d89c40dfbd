import type { AgentRole } from '../../core/agent-role.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';

/**
 * The roles of all agents that a pipeline names, also for audits and for undoing. Every agent without a usable role file is named
 * with its stages, before anything starts (spec: pipelines 1).
 */
export async function rolesOf(
  pipeline: Pipeline,
  root: string,
): Promise<Result<ReadonlyMap<string, AgentRole>>> {
  const blueprint = createBlueprint(root);
  const roles = new Map<string, AgentRole>();
  const wrong: { agent: string; stages: readonly string[]; problem: Problem }[] = [];
  for (const [agent, stages] of agentsOf(pipeline)) {
    const role = await blueprint.agent(agent);
    if (role.ok) roles.set(agent, role.value);
    else wrong.push({ agent, stages, problem: role.error });
  }
  return wrong.length === 0 ? ok(roles) : fail(unusable(wrong));
}

/** Stages by the agent that works in them. */
function agentsOf(pipeline: Pipeline): Map<string, string[]> {
  const agents = new Map<string, string[]>();
  for (const stage of pipeline.stages) {
    for (const work of [stage.work, stage.audit?.work, stage.rollback?.work]) {
      if (work?.kind !== 'agent') continue;
      const stages = agents.get(work.agent) ?? [];
      if (!stages.includes(stage.name)) stages.push(stage.name);
      agents.set(work.agent, stages);
    }
  }
  return agents;
}

function unusable(wrong: readonly { agent: string; stages: readonly string[]; problem: Problem }[]): Problem {
  const [first] = wrong;
  const lines = wrong.map(({ agent, stages, problem }) => {
    const of = `${stages.length === 1 ? 'stage' : 'stages'} ${stages.join(', ')}`;
    return problem.code === 'not-found'
      ? `agent ${agent} (${of}) has no role file`
      : `the role of ${agent} (${of}) cannot be used: ${problem.message}`;
  });
  return {
    code: 'no-role',
    message: lines.join('; '),
    ...(first?.problem.hint === undefined ? {} : { hint: first.problem.hint }),
  };
}
