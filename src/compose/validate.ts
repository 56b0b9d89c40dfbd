import { join } from 'node:path';
import { untestedVersion } from '../core/agent/tested-version.ts';
import { SYSTEM_SPECIFICATION } from '../core/feature/permission.ts';
import type { Problem } from '../core/problem.ts';
import type { Result } from '../core/result.ts';
import { createBlueprint } from '../edges/blueprint/blueprint.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { canWriteInto } from '../edges/files/writable.ts';
import { findProgram } from '../edges/process/find-program.ts';
import { createProjectFiles } from '../edges/project/project-files.ts';
import { featurePipeline } from './feature/implement.ts';
import { openProject, type Project } from './feature/project.ts';
import { settleStack } from './feature/stack.ts';
import { createRunner, DEFAULT_RUNNER, testedVersions } from './runners.ts';

/** One thing a run needs. A warning does not keep a run from starting. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

export interface ValidateQuestion {
  readonly cwd: string;
  readonly stateDirectory: string | undefined;
  readonly runner: string | undefined;
}

/** Everything `implement-feature` needs, looked at without starting anything that costs. All checks are made, whatever fails. */
export async function validateProject(question: ValidateQuestion): Promise<readonly Check[]> {
  const node: Check = { name: 'Node', state: 'ok', found: process.versions.node };
  const project = await openProject({ cwd: question.cwd, stateDirectory: question.stateDirectory });
  if (!project.ok) return [node, failed('repository', project.error)];
  return [
    node,
    ...repositoryChecks(project.value),
    check('git identity', await project.value.repository.canCommit(), () => 'git knows who commits'),
    stateCheck(project.value),
    await pipelineCheck(project.value),
    await systemSpecificationCheck(project.value),
    ...(await runnerChecks(project.value, question.runner)),
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

async function pipelineCheck(project: Project): Promise<Check> {
  const pipeline = await featurePipeline(project);
  if (!pipeline.ok) return failed('pipeline', pipeline.error);
  const blueprint = createBlueprint(project.root);
  const agents = new Set(
    pipeline.value.stages.flatMap(({ work }) => (work.kind === 'agent' ? [work.agent] : [])),
  );
  for (const agent of agents) {
    const role = await blueprint.agent(agent);
    if (!role.ok) return failed('agents', role.error);
  }
  for (const prompt of [...pipeline.value.stages.map((stage) => stage.name), 'review']) {
    const text = await blueprint.prompt(prompt);
    if (!text.ok) return failed('prompts', text.error);
  }
  return { name: 'agents', state: 'ok', found: [...agents].join(', ') };
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

async function runnerChecks(project: Project, asked: string | undefined): Promise<Check[]> {
  const name = asked ?? DEFAULT_RUNNER;
  const runner = createRunner(name, { env: process.env, secrets: [], cwd: project.root });
  if (!runner.ok) return [failed('runner', runner.error)];
  const info = await runner.value.probe();
  if (!info.ok) return [failed('runner', info.error)];
  const version = info.value.version === undefined ? '' : ` ${info.value.version}`;
  const found = `${info.value.runner}${version}${info.value.program === undefined ? '' : ` (${info.value.program})`}`;
  if (info.value.login === 'missing') {
    const fix = `log ${name} in once or set its key; --runner offline needs neither`;
    return [{ name: 'runner', state: 'failed', found: `${found} is not logged in and has no API key`, fix }];
  }
  return [{ name: 'runner', state: 'ok', found }, ...versionCheck(name, info.value.version)];
}

/** Agents promise nothing about the form in which they tell what they do. */
function versionCheck(runner: string, version: string | undefined): Check[] {
  const tested = testedVersions(runner);
  const untested =
    version === undefined || tested === undefined ? undefined : untestedVersion(version, tested);
  if (untested === undefined) return [];
  const fix = `it may work as well; if it does not, install a version of ${runner} that was tested`;
  return [{ name: 'runner version', state: 'warning', found: `${runner}: ${untested}`, fix }];
}

async function testCheck(project: Project): Promise<Check> {
  const stack = settleStack(project, false);
  if (!stack.ok) return failed('tests', stack.error);
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
    return config.ok ? [] : [failed(`${kind}-config`, config.error)];
  });
}

function check<T>(name: string, result: Result<T>, found: (value: T) => string): Check {
  return result.ok ? { name, state: 'ok', found: found(result.value) } : failed(name, result.error);
}

function failed(name: string, problem: Problem): Check {
  const place =
    problem.file === undefined
      ? ''
      : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: `;
  return {
    name,
    state: 'failed',
    found: `${place}${problem.message}`,
    ...(problem.hint === undefined ? {} : { fix: problem.hint }),
  };
}
