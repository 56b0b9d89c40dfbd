import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BIN, type Ended, MACHINE } from '../rig/cli.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { HOSTILE_DEFINITIONS } from '../rig/hostile-definitions.ts';
import { createDisturbedPipeline, type DisturbedPipeline, type Phase } from '../rig/killed-pipeline.ts';
import { spread } from '../rig/killed-run.ts';

// A sample; test/full takes every point.
describe('a run of twenty stages with a gate and a rollback comes to the same end', () => {
  let pipeline: DisturbedPipeline;
  beforeAll(async () => {
    pipeline = await createDisturbedPipeline();
  });
  afterAll(() => pipeline?.remove());

  test.each<[Phase, number]>([
    ['run', 7],
    ['first vote', 3],
    ['second vote', 3],
    ['owner', 6],
  ])(
    'killed at any change of a file: %s',
    async (phase, points) => {
      expect(pipeline.changes[phase]).toBeGreaterThan(15);
      for (const point of spread(pipeline.changes[phase], points)) await pipeline.kill(phase, point);
    },
    120_000,
  );

  test.each<[string, Phase, number]>([
    ['ENOSPC', 'run', 4],
    ['EROFS', 'second vote', 3],
    ['ENOSPC', 'owner', 4],
  ])(
    'on a disk that fails with %s from some change on, and then works again: %s',
    async (code, phase, points) => {
      for (const point of spread(pipeline.changes[phase], points)) await pipeline.fail(phase, point, code);
    },
    120_000,
  );

  test.each<[Phase, number]>([
    ['run', 3],
    ['owner', 3],
  ])(
    'with one change that fails: %s',
    async (phase, points) => {
      for (const point of spread(pipeline.changes[phase] - 1, points))
        await pipeline.fail(phase, point, 'EIO', 1);
    },
    120_000,
  );
});

test('a run that was killed before its end could be seen is shown at its end, and not done again', async () => {
  const project = createGatedProject();
  await project.register('name: failing\nstages: [{name: only, run: echo only >> ran; exit 1}]\n');
  expect((await project.pipeline('run', 'failing')).code).toBe(1);
  const [run = ''] = project.runs();
  const [journal, status] = ['journal.jsonl', 'state.json'].map((name) => `.claude/runs/${run}/${name}`);
  // As a kill between the last word and the status leaves them.
  const document = JSON.parse(project.read(status ?? ''));
  project.write(status ?? '', JSON.stringify({ ...document, phase: 'running' }));
  const lines = project.lines(journal ?? '').filter((line) => !line.includes('history.recorded'));
  project.write(journal ?? '', `${lines.join('\n')}\n`);
  project.write('.claude/pipelines/history.jsonl', '');
  expect((await project.pipeline('resume', run)).code).toBe(1);
  expect(project.lines('ran')).toEqual(['only']);
  expect(JSON.parse(project.read(status ?? '')).phase).toBe('failed');
  expect(project.lines('.claude/pipelines/history.jsonl')).toHaveLength(1);
  // Seen as failed, it is what somebody wants to be done again.
  expect((await project.pipeline('resume', run)).code).toBe(1);
  expect(project.lines('ran')).toEqual(['only', 'only']);
  project.remove();
});

describe('a file that is no pipeline', () => {
  let project: GatedProject;
  beforeAll(() => {
    project = createGatedProject();
  });
  afterAll(() => project?.remove());

  /** With two seconds of processor time in all, and no more: whoever takes longer is ended by the system. */
  function withinTwoSeconds(...args: string[]): Ended {
    const limited = ['-c', 'ulimit -t 2; exec "$@"', 'sh', process.execPath, BIN, ...args];
    const { status, signal, stdout, stderr } = spawnSync('sh', limited, {
      cwd: project.root,
      env: { ...MACHINE },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    return { code: status, signal, stdout, stderr };
  }

  test.each(HOSTILE_DEFINITIONS)(
    'is refused with what is wrong and where: $name',
    ({ name, content, says }) => {
      const file = `${name.replaceAll(' ', '-')}.yaml`;
      project.write(file, content());
      const { code, signal, stdout, stderr } = withinTwoSeconds('pipeline', 'validate', file);
      expect([code, signal, stdout]).toEqual([2, null, '']);
      expect(stderr).toMatch(says);
      expect(stderr.startsWith(`${file}:`)).toBe(true);
      expect(stderr).not.toContain('internal error');
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
      expect(stderr.length).toBeLessThan(60_000);
      const json = withinTwoSeconds('pipeline', 'validate', file, '--json');
      expect([json.code, json.stderr]).toEqual([2, '']);
      const { valid, problems } = JSON.parse(json.stdout) as { valid: boolean; problems: { file: string }[] };
      expect(valid).toBe(false);
      expect(problems.length).toBeGreaterThan(0);
      expect(new Set(problems.map((problem) => problem.file))).toEqual(new Set([file]));
    },
  );

  test('is never registered', () => {
    for (const { name, content } of HOSTILE_DEFINITIONS.slice(0, 6)) {
      project.write('definition.yaml', content());
      expect([name, withinTwoSeconds('pipeline', 'create', 'definition.yaml').code]).toEqual([name, 2]);
    }
    expect(JSON.parse(withinTwoSeconds('pipeline', 'list', '--json').stdout)).toEqual({ pipelines: [] });
  });
});

describe('values that look like commands stay data', () => {
  let project: GatedProject;
  beforeEach(() => {
    project = createGatedProject();
  });
  afterEach(() => project.remove());

  const HOSTILE = `'; touch pwned; "$(touch pwned)" \`touch pwned\` \${run.id} $$ $HOME \\ \nfoo=bar\n--flag *`;

  test('from outputs of another stage, in commands, tasks and environments', async () => {
    project.write('value', HOSTILE);
    project.write('agent.sh', 'printf "%s" "$MURMUR8_TASK" > task; printf "%s" "$FROM" > agent-env\n');
    await project.register(`
name: outputs
stages:
  - name: source
    outputs: [text]
    run: '{ echo "text<<END-OF-TEXT"; cat value; echo; echo END-OF-TEXT; } >> "$MURMUR8_OUTPUT"'
  - {name: bare, run: 'printf "%s" \${stages.source.outputs.text} > bare'}
  - {name: quoted, run: 'printf "%s" "<\${stages.source.outputs.text}>" > quoted'}
  - {name: env, env: {FROM: "\${stages.source.outputs.text}"}, run: 'printf "%s" "$FROM" > env'}
  - name: agent
    agent: deployer
    env: {FROM: "\${stages.source.outputs.text}"}
    task: "<\${stages.source.outputs.text}>"
`);
    const ended = await project.pipeline('run', 'outputs', '--runner', 'command:sh agent.sh', '--json');
    expect(ended.code).toBe(0);
    const { stages } = JSON.parse(ended.stdout) as { stages: { outputs: object }[] };
    expect(stages[0]?.outputs).toEqual({ text: HOSTILE });
    expect(['bare', 'quoted', 'env', 'task', 'agent-env'].map((file) => project.read(file))).toEqual([
      HOSTILE,
      `<${HOSTILE}>`,
      HOSTILE,
      `<${HOSTILE}>`,
      HOSTILE,
    ]);
    expect(project.has('pwned')).toBe(false);
  });

  test('from names of files and from lists, one frame for each', async () => {
    const names = ['; touch pwned', '$(touch pwned)', '-rf', "it's `touch pwned`", '* ?', 'plain'];
    for (const name of names) project.write(`items/${name}`, name);
    await project.register(`
name: items
stages:
  - {name: files, foreach: "items/*", run: 'cat "\${item}" >> contents; echo >> contents'}
  - {name: list, run: 'echo "names=[\\"$(printf a)\\", \\"; touch pwned\\"]" >> "$MURMUR8_OUTPUT"', outputs: [names]}
  - {name: each, foreach: "\${stages.list.outputs.names}", run: 'printf "%s\\n" \${item} >> each'}
`);
    expect((await project.pipeline('run', 'items')).code).toBe(0);
    expect(project.lines('contents').sort()).toEqual([...names].sort());
    expect(project.lines('each')).toEqual(['a', '; touch pwned']);
    expect(project.has('pwned')).toBe(false);
  });

  test('from the command line: variables, branches, paths and labels', async () => {
    await project.register(`
name: given
variables: {value: none}
stages:
  - {name: value, run: 'printf "%s" "\${value}" > value; printf "%s" \${event.branch} > branch'}
  - {name: never, depends_on: [], when: {path: "src/**"}, run: touch never}
  - {name: always, depends_on: [], when: {label: "; touch pwned"}, run: touch always}
`);
    const branch = 'feature/$(touch pwned);"x"';
    const args = ['--var', `value=${HOSTILE}`, '--branch', branch, '--path', '../src/x; touch pwned'];
    const ended = await project.pipeline('run', 'given', ...args, '--label', '; touch pwned');
    expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
    expect([project.read('value'), project.read('branch')]).toEqual([HOSTILE, branch]);
    expect(['never', 'always', 'pwned'].map((file) => project.has(file))).toEqual([false, true, false]);
  });

  test('and a place outside of the project is no place to work in', async () => {
    await project.register(`
name: outside
variables: {place: .}
stages: [{name: only, working_directory: "\${place}", run: touch ../outside}]
`);
    for (const place of ['..', '/tmp', 'a/../..', '$(touch pwned)']) {
      const ended = await project.pipeline('run', 'outside', '--var', `place=${place}`, '--json');
      expect([place, ended.code]).toEqual([place, 1]);
      expect(JSON.parse(ended.stdout).stages[0].message).toContain('working directory');
    }
    expect(project.has('../outside') || project.has('pwned')).toBe(false);
  });
});
