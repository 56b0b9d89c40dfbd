import { join } from 'node:path';
import type { AgentRole } from '../core/agent-role.ts';
import { SYSTEM_SPECIFICATION } from '../core/feature/permission.ts';
import type { Pipeline } from '../core/pipeline/definition.ts';
import type { Result } from '../core/result.ts';
import { createBlueprint } from '../edges/blueprint/blueprint.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { canWriteInto } from '../edges/files/writable.ts';
import { findProgram } from '../edges/process/find-program.ts';
import { createProjectFiles } from '../edges/project/project-files.ts';
import { type RunnersQuestion, runnerChecks } from './agents/runner-checks.ts';
import { type Check, failedCheck } from './check.ts';
import { featurePipeline } from './feature/implement.ts';
import { openProject, type Project } from './feature/project.ts';
import { settleStack } from './feature/stack.ts';

export interface ValidateQuestion {
  readonly cwd: string;
  readonly stateDirectory: string | undefined;
  /** As `--runner` named them. */
  readonly asked: RunnersQuestion['asked'];
}

/** Everything `implement-feature` needs, looked at without starting anything that costs. All checks are made, whatever fails. */
export async function validateProject(question: ValidateQuestion): Promise<readonly Check[]> {
  const node: Check = { name: 'Node', state: 'ok', found: process.versions.node };
  const project = await openProject({ cwd: question.cwd, stateDirectory: question.stateDirectory });
  if (!project.ok) return [node, failedCheck('repository', project.error)];
  const { pipeline, roles, checks } = await lookAtPipeline(project.value);
  const runners = { pipeline, roles, asked: question.asked, cwd: project.value.root };
  return [
    node,
    ...repositoryChecks(project.value),
    check('git identity', await project.value.repository.canCommit(), () => 'git knows who commits'),
    stateCheck(project.value),
    ...checks,
    await systemSpecificationCheck(project.value),
    ...(await runnerChecks(runners)),
    await testCheck(project.value),
    ...configChecks(project.value),
  ];
}

function repositoryChecks({ tree, root }: Project): Check[] {
  const branch = tree.branch ?? 'detached';
  const commits = tree.head === null ? ', no commit yet' : '';
  const dirty: Check[] =
    tree.dirty.length === 0
      ? []
      : [
          {
            name: 'working tree',
            state: 'warning',
            found: `${tree.dirty.length} changed or new files`,
            fix: 'they stay as they are and out of the commit, unless the run changes them too',
          },
        ];
  return [{ name: 'repository', state: 'ok', found: `${root}, branch ${branch}${commits}` }, ...dirty];
}

function stateCheck(project: Project): Check {
  if (project.warning !== undefined) return { name: 'state', state: 'warning', found: project.warning };
  return check('state', canWriteInto(join(project.stateDirectory, 'runs')), () => project.stateDirectory);
}

/** The pipeline with the roles that can be read, and what was found about both. */
interface SeenPipeline {
  readonly pipeline: Pipeline | undefined;
  readonly roles: ReadonlyMap<string, AgentRole>;
  readonly checks: readonly Check[];
}

async function lookAtPipeline(project: Project): Promise<SeenPipeline> {
  const roles = new Map<string, AgentRole>();
  const read = await featurePipeline(project);
  if (!read.ok) return { pipeline: undefined, roles, checks: [failedCheck('pipeline', read.error)] };
  const pipeline = read.value;
  const blueprint = createBlueprint(project.root);
  const wrong: Check[] = [];
  const names = pipeline.stages.flatMap(({ work }) => (work.kind === 'agent' ? [work.agent] : []));
  for (const agent of new Set(names)) {
    const role = await blueprint.agent(agent);
    if (role.ok) roles.set(agent, role.value);
    else wrong.push(failedCheck('agents', role.error));
  }
  for (const prompt of [...pipeline.stages.map((stage) => stage.name), 'review']) {
    const text = await blueprint.prompt(prompt);
    if (!text.ok) wrong.push(failedCheck('prompts', text.error));
  }
  const all: Check = { name: 'agents', state: 'ok', found: [...roles.keys()].join(', ') };
  return { pipeline, roles, checks: wrong.length === 0 ? [all] : wrong };
}

async function systemSpecificationCheck(project: Project): Promise<Check> {
  const there = await createProjectFiles(project.root).exists(SYSTEM_SPECIFICATION);
  if (there) return { name: 'system specification', state: 'ok', found: SYSTEM_SPECIFICATION };
  return {
    name: 'system specification',
    state: 'warning',
    found: `there is no ${SYSTEM_SPECIFICATION}; alex works from the brief and the code`,
    fix: 'copy .blueprint/templates/SYSTEM_SPEC.md there and fill it in, when the project has grown',
  };
}

async function testCheck(project: Project): Promise<Check> {
  const stack = settleStack(project, false);
  if (!stack.ok) return failedCheck('tests', stack.error);
  const program = stack.value.testCommand.trim().split(/\s+/)[0] ?? '';
  const found = await findProgram(program, process.env['PATH'] ?? '', project.root);
  if (found !== undefined)
    return { name: 'tests', state: 'ok', found: `${stack.value.testRunner}: ${stack.value.testCommand}` };
  return {
    name: 'tests',
    state: 'failed',
    found: `the test command is "${stack.value.testCommand}", and there is no program ${program}`,
    fix: 'install it, or name another: murmur8 stack-config set testCommand "<command>"',
  };
}

function configChecks(project: Project): Check[] {
  return (['retry', 'feedback', 'cost'] as const).flatMap((kind) => {
    const config = readConfig(project.stateDirectory, kind);
    return config.ok ? [] : [failedCheck(`${kind}-config`, config.error)];
  });
}

function check<T>(name: string, result: Result<T>, found: (value: T) => string): Check {
  return result.ok ? { name, state: 'ok', found: found(result.value) } : failedCheck(name, result.error);
}
