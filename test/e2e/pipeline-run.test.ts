import { afterEach, describe, expect, test, vi } from 'vitest';
import { dryRunContract } from '../../src/interfaces/contract/dry-run.ts';
import { type RunDetailsDocument, runDetailsContract } from '../../src/interfaces/contract/run.ts';
import { isAlive } from '../rig/agents-alive.ts';
import type { Ended } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';

let project: PipelineProject;
afterEach(() => project.remove());

/** Standard output as one document of the contract, and nothing else. */
function details(ended: Ended): RunDetailsDocument {
  return runDetailsContract.parse(JSON.parse(ended.stdout));
}

function stageOf(document: RunDetailsDocument, name: string) {
  const stage = document.stages.find(({ stage_name }) => stage_name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  return stage;
}

describe('a pipeline of commands', () => {
  test('runs from top to bottom, passes outputs on, and leaves a record of everything', async () => {
    project = createPipelineProject();
    await project.register(`
name: linear
variables: {who: world}
stages:
  - name: build
    run: echo build >> order.log; echo "version=1.2.3 of \${who}" >> "$MURMUR8_OUTPUT"
    outputs: [version]
  - name: test
    run: printf '%s\\n' "\${stages.build.outputs.version}" >> order.log
  - name: deploy
    run: echo "deploy to $MURMUR8_ENVIRONMENT" >> order.log
    environment: staging
`);
    const ended = await project.pipeline('run', 'linear', '--var', 'who=you', '--json');
    expect(ended.code).toBe(0);
    expect(project.lines('order.log')).toEqual(['build', '1.2.3 of you', 'deploy to staging']);
    const document = details(ended);
    expect(document.run).toMatchObject({
      status: 'succeeded',
      pipeline: 'linear',
      revision: 1,
      trigger_event: 'manual',
      with_warnings: false,
    });
    expect(stageOf(document, 'build').outputs).toEqual({ version: '1.2.3 of you' });
    expect(stageOf(document, 'build').agent_id).toBeNull();
    expect(stageOf(document, 'deploy')).toMatchObject({ environment: 'staging', depends_on: ['test'] });
    const [entry] = project.lines('.claude/pipelines/history.jsonl').map((line) => JSON.parse(line));
    expect(entry).toMatchObject({
      v: 1,
      execution_id: document.run.id,
      pipeline: 'linear',
      status: 'succeeded',
    });
    const [run] = project.runs();
    expect(project.has(`.claude/runs/${run}/scratch`)).toBe(false);
  });

  test('runs stages at the same time, at most as many as it may', async () => {
    project = createPipelineProject();
    // Each of the pair waits for the other: done one after the other they would never end.
    const meet = (own: string, other: string): string =>
      `touch ${own}; while [ ! -e ${other} ]; do sleep 0.01; done`;
    await project.register(`
name: pair
stages:
  - parallel:
      - {name: left, run: "${meet('l', 'r')}"}
      - {name: right, run: "${meet('r', 'l')}"}
  - {name: after, run: test -e l && test -e r}
`);
    expect((await project.pipeline('run', 'pair')).code).toBe(0);
    const counted = (name: string): string =>
      `{name: ${name}, depends_on: [], run: "mkdir alone && rmdir alone"}`;
    await project.register(`
name: one-by-one
max_parallel: 1
stages: [${['a', 'b', 'c', 'd'].map(counted).join(', ')}]
`);
    expect((await project.pipeline('run', 'one-by-one')).code).toBe(0);
  });

  test('keeps whatever a variable holds as data', async () => {
    project = createPipelineProject();
    await project.register(`
name: hostile
variables: {value: none}
stages:
  - {name: bare, run: "printf '%s' \${value} > bare.txt"}
  - {name: quoted, run: 'printf "%s" "<\${value}>" > quoted.txt'}
`);
    const hostile = `'; touch pwned; $(touch pwned) \`touch pwned\` "\n\${who} $HOME *`;
    const ended = await project.pipeline('run', 'hostile', '--var', `value=${hostile}`);
    expect(ended.code).toBe(0);
    expect(project.read('bare.txt')).toBe(hostile);
    expect(project.read('quoted.txt')).toBe(`<${hostile}>`);
    expect(project.has('pwned')).toBe(false);
  });

  test('works outside of git', async () => {
    project = createPipelineProject({ git: false });
    await project.register('name: plain\nstages: [{name: only, run: echo here > here.txt}]\n');
    expect((await project.pipeline('run', 'plain')).code).toBe(0);
    expect(project.read('here.txt')).toBe('here\n');
    expect(project.journal()[0]).toMatchObject({ type: 'run.created', head: null });
  });
});

describe('a stage that fails', () => {
  test('halts the run: what runs comes to its end, nothing new begins', async () => {
    project = createPipelineProject();
    await project.register(`
name: halting
stages:
  - {name: bad, depends_on: [], run: "while [ ! -e slow ]; do sleep 0.01; done; echo broken >&2; exit 3"}
  - {name: slow, depends_on: [], run: "touch slow; while [ ! -e .claude/failed ]; do sleep 0.01; done; touch slow.done"}
  - {name: next, depends_on: bad, run: touch next}
  - {name: other, depends_on: slow, run: touch other}
`);
    const { ended: end } = project.startPipeline('run', 'halting', '--json');
    await vi.waitFor(
      () => expect(project.journal().some(({ type }) => type === 'stage.finished')).toBe(true),
      { timeout: 30_000, interval: 20 },
    );
    project.write('.claude/failed', '');
    const ended = await end;
    expect(ended.code).toBe(1);
    expect(project.has('slow.done')).toBe(true);
    const document = details(ended);
    expect(document.run).toMatchObject({ status: 'failed', reason_code: 'STAGE_FAILED' });
    expect(stageOf(document, 'bad')).toMatchObject({ status: 'failed', reason_code: 'STAGE_FAILED' });
    expect(stageOf(document, 'bad').attempts).toMatchObject([{ exit_code: 3 }]);
    expect(stageOf(document, 'slow').status).toBe('succeeded');
    expect(stageOf(document, 'next')).toMatchObject({ status: 'skipped', reason_code: 'UPSTREAM_FAILED' });
    expect(stageOf(document, 'other')).toMatchObject({ status: 'skipped', reason_code: 'RUN_HALTED' });
    expect(project.has('next') || project.has('other')).toBe(false);
    expect(document.stages.every(({ status }) => status !== 'pending' && status !== 'running')).toBe(true);
  });

  test('with on_failure: continue lets the run succeed, with a warning', async () => {
    project = createPipelineProject();
    await project.register(`
name: lenient
stages:
  - {name: lint, run: exit 1, on_failure: continue}
  - {name: build, run: touch built}
`);
    const ended = await project.pipeline('run', 'lenient', '--json');
    expect(ended.code).toBe(0);
    expect(details(ended).run).toMatchObject({ status: 'succeeded', with_warnings: true });
    expect(stageOf(details(ended), 'lint').status).toBe('failed');
    expect(project.has('built')).toBe(true);
  });

  test('is made again as often as it says, and its attempts stay side by side', async () => {
    project = createPipelineProject();
    await project.register(`
name: again
stages:
  - name: flaky
    retry: {max: 2, delay: 1s, jitter: 0, factor: 1}
    run: echo x >> tries; test "$(wc -l < tries)" -ge 3
`);
    const ended = await project.pipeline('run', 'again', '--json');
    expect(ended.code).toBe(0);
    const { attempts } = stageOf(details(ended), 'flaky');
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'ok']);
  });

  test('that takes too long is ended with everything it started', async () => {
    project = createPipelineProject();
    await project.register(`
name: hanging
stages:
  - {name: hang, timeout: 1s, run: "sleep 300 & echo $! > child.pid; setsid sleep 300 & echo $! > far.pid; wait"}
`);
    const ended = await project.pipeline('run', 'hanging', '--json');
    expect(ended.code).toBe(1);
    expect(stageOf(details(ended), 'hang')).toMatchObject({ status: 'failed', reason_code: 'STAGE_TIMEOUT' });
    for (const file of ['child.pid', 'far.pid']) expect(isAlive(Number(project.read(file)))).toBe(false);
  });

  test('for want of an output fails before its command starts', async () => {
    project = createPipelineProject();
    await project.register(`
name: missing
stages:
  - {name: build, run: exit 1, on_failure: continue, outputs: [version]}
  - {name: deploy, run: 'touch deployed; echo "\${stages.build.outputs.version}"'}
`);
    const ended = await project.pipeline('run', 'missing', '--json');
    expect(ended.code).toBe(1);
    expect(stageOf(details(ended), 'deploy').message).toContain('stages.build.outputs.version');
    expect(project.has('deployed')).toBe(false);
  });
});

const CONDITIONS = `
name: guarded
variables: {kind: full}
stages:
  - {name: build, run: "echo level=high >> $MURMUR8_OUTPUT", outputs: [level]}
  - {name: docs, depends_on: build, when: {paths: ["docs/**"]}, run: touch docs.ran}
  - {name: after-docs, depends_on: docs, run: touch after.ran}
  - {name: main-only, depends_on: build, when: {branch: main}, run: touch main.ran}
  - {name: unlabelled, depends_on: build, when: {not: {label: skip}}, run: touch unlabelled.ran}
  - {name: high, depends_on: build, when: {variable: {level: high}}, run: touch high.ran}
`;

describe('conditions', () => {
  test('skip what is not met, with the reason and what was evaluated', async () => {
    project = createPipelineProject();
    await project.register(CONDITIONS);
    const ended = await project.pipeline(
      ...['run', 'guarded', '--branch', 'main', '--path', 'src/a.ts', '--no-labels', '--json'],
    );
    expect(ended.code).toBe(0);
    const document = details(ended);
    expect(stageOf(document, 'docs')).toMatchObject({ status: 'skipped', reason_code: 'WHEN_FALSE' });
    expect(stageOf(document, 'docs').message).toContain('docs/**');
    expect(stageOf(document, 'after-docs').reason_code).toBe('UPSTREAM_SKIPPED');
    for (const name of ['main', 'unlabelled', 'high']) expect(project.has(`${name}.ran`)).toBe(true);
    expect(project.has('docs.ran')).toBe(false);
    const skipped = project.journal().find((event) => event.type === 'stage.skipped');
    expect(skipped).toMatchObject({ stage: 'docs', condition: { test: 'path', value: false } });
  });

  test('that ask for a fact nobody supplied are not met, even on the branch that is meant', async () => {
    project = createPipelineProject();
    await project.register(CONDITIONS);
    const ended = await project.pipeline('run', 'guarded', '--json');
    expect(ended.code).toBe(0);
    const document = details(ended);
    for (const name of ['docs', 'main-only', 'unlabelled'])
      expect(stageOf(document, name).reason_code).toBe('WHEN_UNKNOWN');
    expect(stageOf(document, 'main-only').message).toContain('--branch');
  });

  test('are foretold by a dry run, which writes nothing', async () => {
    project = createPipelineProject();
    await project.register(CONDITIONS);
    const before = project.filesBelow('.');
    const ended = await project.pipeline('run', 'guarded', '--dry-run', '--json', '--path', 'src/a.ts');
    expect(ended.code).toBe(0);
    const plan = dryRunContract.parse(JSON.parse(ended.stdout));
    expect(
      plan.stages.map(({ stage_name, step, would, reason_code }) => [stage_name, step, would, reason_code]),
    ).toEqual([
      ['build', 1, 'run', null],
      ['docs', 2, 'skip', 'WHEN_FALSE'],
      ['main-only', 2, 'skip', 'WHEN_UNKNOWN'],
      ['unlabelled', 2, 'skip', 'WHEN_UNKNOWN'],
      ['high', 2, 'depend', null],
      ['after-docs', 3, 'skip', 'UPSTREAM_SKIPPED'],
    ]);
    const text = await project.pipeline('run', 'guarded', '--dry-run');
    expect(text.stdout).toContain('add --branch main');
    expect(project.filesBelow('.')).toEqual(before);
    expect(project.has('.claude/runs')).toBe(false);
  });
});

describe('what stands in the way of a run', () => {
  test('is said before anything starts, with the next step', async () => {
    project = createPipelineProject();
    await project.register('name: deploy\nvariables: {target: x}\nstages: [{name: go, run: touch gone}]\n');
    const unknown = await project.pipeline('run', 'deplyo');
    expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining('did you mean deploy?')]);
    const file = await project.pipeline('run', 'definition.yaml');
    expect([file.code, file.stderr]).toEqual([6, expect.stringContaining('pipeline create definition.yaml')]);
    const variable = await project.pipeline('run', 'deploy', '--var', 'traget=y');
    expect([variable.code, variable.stderr]).toEqual([2, expect.stringContaining('did you mean target?')]);
    expect((await project.pipeline('run', 'deploy', '--var', 'target')).code).toBe(2);
    await project.pipeline('disable', 'deploy');
    const disabled = await project.pipeline('run', 'deploy');
    expect([disabled.code, disabled.stderr]).toEqual([7, expect.stringContaining('--force')]);
    expect(project.has('gone')).toBe(false);
    expect(project.has('.claude/runs')).toBe(false);
    expect((await project.pipeline('run', 'deploy', '--force')).code).toBe(0);
    project.write('.claude/pipelines/deploy.yaml', 'name: deploy\nstages: [{name: go, run: touch other}]\n');
    const edited = await project.pipeline('run', 'deploy');
    expect([edited.code, edited.stderr]).toEqual([7, expect.stringContaining('pipeline update deploy')]);
    expect(project.has('other')).toBe(false);
  });

  test('agents without a role file are all named, with their stages', async () => {
    project = createPipelineProject();
    await project.register(`
name: strangers
stages:
  - {name: first, run: touch first}
  - {name: second, agent: nobody-knows, task: Do it}
  - {name: third, agent: nor-this-one, task: Do it}
`);
    const ended = await project.pipeline('run', 'strangers', '--runner', 'offline');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('nobody-knows (stage second)');
    expect(ended.stderr).toContain('nor-this-one (stage third)');
    expect(project.has('first')).toBe(false);
  });
});

test('agents work at stages as well, with the task filled in', async () => {
  project = createPipelineProject();
  await project.register(`
name: agents
variables: {place: staging}
stages:
  - {name: deploy, agent: deployer, task: "Deploy to \${place}", outputs: [url]}
  - {name: smoke, run: 'test -n "\${stages.deploy.outputs.url}"'}
`);
  const ended = await project.pipeline('run', 'agents', '--runner', 'offline', '--json');
  expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
  expect(stageOf(details(ended), 'deploy')).toMatchObject({ status: 'succeeded', agent_id: 'deployer' });
});
