import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { aliveWith, isAlive } from '../rig/agents-alive.ts';
import { type Ended, murmur8, type RunOptions, start } from '../rig/cli.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { type Act, type Scenario, type ScriptedAgent, scriptedAgent } from '../rig/scripted-agent.ts';

const SPECIFICATION = '.blueprint/features/feature_greeting/FEATURE_SPEC.md';
const TESTS = 'test/feature_greeting.test.js';

const projects: TestProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(): TestProject {
  const project = createProject();
  projects.push(project);
  return project;
}

function argumentsFor(project: TestProject, agent: ScriptedAgent, args: readonly string[]): string[] {
  return ['implement-feature', 'greeting', '--brief', project.brief, '--runner', agent.runner, ...args];
}

function run(
  project: TestProject,
  agent: ScriptedAgent,
  args: readonly string[] = ['--no-feedback'],
  options: Partial<RunOptions> = {},
): Promise<Ended> {
  return murmur8(argumentsFor(project, agent, args), { cwd: project.root, ...options });
}

/** A run of which one stage misbehaves once, and what became of it. */
async function misbehaving(stage: string, ...acts: (readonly Act[])[]) {
  const project = aProject();
  const agent = scriptedAgent({ acts: { [stage]: acts } });
  const ended = await run(project, agent);
  return { project, agent, ended };
}

describe('an agent that does nothing useful', () => {
  test('exits 0 without doing anything: told what is missing twice, then OUTPUT_INVALID', async () => {
    const { project, agent, ended } = await misbehaving('alex', [], [], [], []);
    expect(ended.code).toBe(1);
    expect(agent.keys()).toEqual(['alex', 'alex', 'alex']);
    expect(agent.starts()[1]?.prompt).toContain(SPECIFICATION);
    expect(project.history()).toMatchObject([{ failedStage: 'alex', reasonCode: 'OUTPUT_INVALID' }]);
    expect(ended.stderr).toContain('murmur8 resume');
  });

  test('prints garbage: it stays in the log, the run goes on', async () => {
    const { project, ended } = await misbehaving('alex', [{ garbage: 300_000 }, 'work']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toMatch(/[\u0000-\u0008\u000e-\u001f\ufffd]/);
    expect(project.journal().every((event) => JSON.stringify(event).length < 20_000)).toBe(true);
  });

  test('prints 100 MB: bounded on disk, and the run goes on or says why not', async () => {
    const { project, ended } = await misbehaving('alex', [{ flood: 100 << 20 }, 'work']);
    expect([0, 1]).toContain(ended.code);
    expect(project.history()).toHaveLength(1);
    expect(Number(sizeOf(project, '.claude/runs'))).toBeLessThan(80 << 20);
  });
});

describe('an agent that crashes', () => {
  test.each<[string, Act]>([
    ['exits with 1', { exit: 1 }],
    ['is killed', { kill: 'SIGKILL' }],
  ])('%s: the attempt is made again', async (_title, act) => {
    const { project, agent, ended } = await misbehaving('cass', [act]);
    expect(ended.code).toBe(0);
    expect(agent.keys().filter((key) => key === 'cass')).toHaveLength(2);
    expect(project.history()[0]?.stages.cass?.attempts).toBe(2);
  });

  test('every time: AGENT_CRASHED at its stage', async () => {
    const crash: readonly Act[] = [{ exit: 1 }];
    const { project, ended } = await misbehaving('cass', crash, crash, crash, crash, crash);
    expect(ended.code).toBe(1);
    expect(project.history()).toMatchObject([{ failedStage: 'cass', reasonCode: 'AGENT_CRASHED' }]);
  });
});

describe('an agent’s processes', () => {
  test('a child in a session of its own that would outlive the agent is ended with it', async () => {
    const { project, agent, ended } = await misbehaving('alex', [{ orphan: true }, 'work']);
    expect(ended.code).toBe(0);
    expect(agent.notes()).toHaveLength(1);
    expect(isAlive(Number(agent.notes()[0]))).toBe(false);
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
  });

  test('one that ignores TERM is killed when its time is over', async () => {
    const project = aProject();
    const agent = scriptedAgent({
      acts: { alex: [[{ ignore: 'SIGTERM' }, { ignore: 'SIGINT' }, { hang: true }]] },
    });
    const ended = await run(project, agent, [
      '--no-feedback',
      '--stage-timeout',
      '2s',
      '--pause-after',
      'alex',
    ]);
    expect(ended.code).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'alex']);
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
  });
});

describe('an agent that oversteps', () => {
  test('deletes the specification: put back, because it is finished work of another stage', async () => {
    const { project, ended } = await misbehaving('nigel', ['work', { remove: SPECIFICATION }]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`changes outside this stage were undone: ${SPECIFICATION}`);
    expect(project.committed()).toContain(SPECIFICATION);
  });

  test('edits the tests while implementing: they are as nigel left them', async () => {
    const { project, ended } = await misbehaving('codey-implement', [
      { write: TESTS, text: "require('node:test').test('always green', () => {});\n" },
      'work',
    ]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('changes outside this stage were undone');
    expect(project.read(TESTS)).toContain('T-');
    expect(project.read(TESTS)).not.toContain('always green');
  });

  test('changes the featureId: restored', async () => {
    const project = aProject();
    const agent = scriptedAgent({
      acts: { cass: [['work', { append: SPECIFICATION, text: '\nmore\n' }]] },
    });
    const ended = await run(project, agent);
    expect(ended.code).toBe(0);
    expect(project.featureId()).toBe(project.history()[0]?.featureId);
    expect(project.read(SPECIFICATION)).not.toContain('\nmore\n');
  });

  test('commits by itself: taken back, the files are kept and committed once at the end', async () => {
    const project = aProject();
    const before = project.git('rev-list', '--count', 'HEAD').trim();
    const agent = scriptedAgent({
      acts: {
        alex: [
          [
            'work',
            { git: ['add', SPECIFICATION] },
            { git: ['-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-m', 'mine'] },
          ],
        ],
      },
    });
    const ended = await run(project, agent);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('the agent had committed by itself');
    expect(Number(project.git('rev-list', '--count', 'HEAD'))).toBe(Number(before) + 1);
    expect(project.committed()).toContain(SPECIFICATION);
    expect(project.uncommitted()).toEqual([]);
  });

  test('edits source in alex’s stage: undone, yet not lost', async () => {
    const { project, ended } = await misbehaving('alex', [
      'work',
      { write: 'src/early.js', text: 'early\n' },
    ]);
    expect(ended.code).toBe(0);
    expect(project.has('src/early.js')).toBe(false);
    const refs = project.git('for-each-ref', '--format=%(refname)', 'refs/murmur8').trim().split('\n');
    expect(refs.some((ref) => shows(project, ref, 'src/early.js'))).toBe(true);
  });
});

describe('Ctrl+C', () => {
  async function interrupted(scenario: Scenario, signals: readonly NodeJS.Signals[]) {
    const project = aProject();
    const agent = scriptedAgent(scenario);
    const started = start(argumentsFor(project, agent, ['--no-feedback']), { cwd: project.root });
    await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
    for (const signal of signals) {
      started.child.kill(signal);
      await expect.poll(() => started.stdout(), { timeout: 30_000, interval: 20 }).toContain('stopping');
    }
    return { project, agent, ended: await started.ended };
  }

  test('ends the agent, says how to go on, exit 130; the same command goes on', async () => {
    const { project, agent, ended } = await interrupted({ acts: { cass: [[{ hang: true }]] } }, ['SIGINT']);
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('USER_INTERRUPT');
    expect(ended.stderr).toContain(`murmur8 resume ${project.runs()[0]}`);
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
    expect(project.history()).toMatchObject([
      { status: 'paused', pausedAfter: 'alex', reasonCode: 'USER_INTERRUPT' },
    ]);
    expect((await run(project, agent)).code).toBe(0);
    expect(agent.keys()).toEqual(['alex', 'cass', 'cass', 'nigel', 'codey-plan', 'codey-implement']);
  });

  test('a second one kills at once what ignores the first', async () => {
    const stubborn: readonly Act[] = [{ ignore: 'SIGTERM' }, { ignore: 'SIGINT' }, { hang: true }];
    const { project, ended } = await interrupted({ acts: { alex: [stubborn] } }, ['SIGINT', 'SIGINT']);
    expect(ended.code).toBe(130);
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
    expect(project.history()).toMatchObject([{ status: 'paused', pausedAfter: null }]);
  });

  test('while the engine runs the tests ends them, and what the agent did is judged later, not paid for again', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    const begun = project.path('.git/suite-begun');
    const testCommand = `if [ ! -e '${begun}' ]; then touch '${begun}'; sleep 3600; fi; node --test`;
    project.write('.claude/stack-config.json', JSON.stringify({ version: 1, testCommand }));
    const started = start(argumentsFor(project, agent, ['--no-feedback']), { cwd: project.root });
    await expect.poll(() => existsSync(begun), { timeout: 30_000, interval: 20 }).toBe(true);
    started.child.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
    expect((await run(project, agent)).code).toBe(0);
    expect(agent.keys()).toEqual(['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement']);
  });

  test('SIGTERM does the same with exit 143', async () => {
    const { project, ended } = await interrupted({ acts: { alex: [[{ hang: true }]] } }, ['SIGTERM']);
    expect(ended.code).toBe(143);
    expect(project.history()).toMatchObject([{ status: 'paused', reasonCode: 'USER_INTERRUPT' }]);
  });
});

test('kill -9 of the program: the next command ends what its agent left running and goes on with the same id', async () => {
  const project = aProject();
  const agent = scriptedAgent({ acts: { cass: [[{ orphan: true }, { hang: true }]] } });
  const started = start(argumentsFor(project, agent, ['--no-feedback']), { cwd: project.root });
  await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
  started.child.kill('SIGKILL');
  await started.ended;
  expect(isAlive(Number(agent.notes()[0]))).toBe(true);
  const ended = await run(project, agent);
  expect(ended.code).toBe(0);
  expect(isAlive(Number(agent.notes()[0]))).toBe(false);
  expect(project.history()).toMatchObject([{ status: 'success', runId: project.runs()[0] }]);
  expect(project.history()[0]?.stages.cass?.attempts).toBe(2);
});

test('kill -9 while the tests are being tampered with: they are as nigel left them when the run goes on', async () => {
  const project = aProject();
  const agent = scriptedAgent({
    acts: { 'codey-implement': [[{ write: TESTS, text: 'always green\n' }, { hang: true }]] },
  });
  const started = start(argumentsFor(project, agent, ['--no-feedback']), { cwd: project.root });
  await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
  expect(project.read(TESTS)).toBe('always green\n');
  started.child.kill('SIGKILL');
  await started.ended;
  const ended = await run(project, agent);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('were restored');
  expect(project.read(TESTS)).toContain('T-');
});

test('a run that was killed and is not continued is recorded as failed when the next one begins', async () => {
  const project = aProject();
  const agent = scriptedAgent({ acts: { cass: [[{ hang: true }]] } });
  const started = start(argumentsFor(project, agent, ['--no-feedback']), { cwd: project.root });
  await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
  started.child.kill('SIGKILL');
  await started.ended;
  const killed = project.runs()[0];
  expect((await run(project, agent, ['--restart', '--no-feedback'])).code).toBe(0);
  expect(project.history()).toMatchObject([
    { runId: killed, status: 'failed', reasonCode: 'SYS_OWNER_LOST' },
    { status: 'success' },
  ]);
  expect(aliveWith(`MURMUR8_ATTEMPT=${killed}`)).toEqual([]);
});

test('secrets of the environment and of .env reach neither log nor journal nor screen', async () => {
  const project = aProject();
  project.write('.env', 'DEPLOY_TOKEN=tok-from-dotenv-123456\n');
  const agent = scriptedAgent({
    acts: { alex: [[{ print: 'tok-from-dotenv-123456 key-from-environment-1\n' }, { exit: 1 }], ['work']] },
  });
  const ended = await run(project, agent, ['--pause-after', 'alex'], {
    env: { OPENAI_API_KEY: 'key-from-environment-1' },
  });
  expect(ended.code).toBe(3);
  const everything = ended.stdout + ended.stderr + textBelow(project, '.claude');
  expect(everything).not.toContain('tok-from-dotenv-123456');
  expect(everything).not.toContain('key-from-environment-1');
});

function sizeOf(project: TestProject, path: string): number {
  return Buffer.byteLength(textBelow(project, path));
}

function textBelow(project: TestProject, path: string): string {
  return project
    .filesBelow(path)
    .map((file) => readFileSync(project.path(file), 'latin1'))
    .join('\n');
}

function shows(project: TestProject, ref: string, path: string): boolean {
  return project.git('ls-tree', '-r', '--name-only', ref).split('\n').includes(path);
}
