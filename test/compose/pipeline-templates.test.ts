import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initTemplate, listTemplates } from '../../src/compose/pipeline-templates.ts';
import { readPipeline } from '../../src/core/pipeline/parse.ts';
import { createBlueprint } from '../../src/edges/blueprint/blueprint.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-templates-')));
  mkdirSync(join(root, '.git'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const get = (path: string): string => readFileSync(join(root, path), 'utf8');

async function textOf(name: string, user = 'ada'): Promise<string> {
  const done = await initTemplate(root, name, { user });
  if (!done.ok) throw new Error(done.error.message);
  return done.value.text;
}

type Stages = { stages: Record<string, unknown>[] };
const stagesOf = (text: string) => (load(text) as Stages).stages;

const PROJECTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nothing yet': {},
  'Node with scripts': {
    'package.json': '{"scripts":{"lint":"eslint .","test":"vitest run","build":"tsc"}}',
  },
  'Node without scripts': { 'package.json': '{}' },
  Go: { 'go.mod': 'module x\n' },
  Python: { 'pyproject.toml': '[build-system]\n[tool.ruff]\n[tool.pytest.ini_options]\n' },
  Rust: { 'Cargo.toml': '[package]\n' },
};

describe('the templates', () => {
  it('are those of seed 001, story 10, each with what it is for', async () => {
    const listed = await listTemplates(root);
    expect(listed.ok && listed.value.map(({ name, origin }) => [name, origin])).toEqual([
      ['cd', 'shipped'],
      ['ci', 'shipped'],
      ['release', 'shipped'],
      ['security', 'shipped'],
    ]);
    for (const { description } of listed.ok ? listed.value : []) expect(description).toMatch(/^\w.{20,}/);
  });

  it('can be the project’s own', async () => {
    put('.blueprint/templates/pipelines/nightly.yaml', 'name: nightly\ndescription: Ours\n# {{approver}}\n');
    put('.blueprint/templates/pipelines/ci.yaml', 'name: ci\ndescription: Our ci\n');
    const listed = await listTemplates(root);
    expect(listed.ok && listed.value.slice(1, 3)).toEqual([
      { name: 'ci', description: 'Our ci', origin: 'project' },
      { name: 'nightly', description: 'Ours', origin: 'project' },
    ]);
    expect(await textOf('nightly')).toBe('name: nightly\ndescription: Ours\n# ada\n');
  });

  it('say which of their placeholders nothing fills, and in which file', async () => {
    put('.blueprint/templates/pipelines/odd.yaml', 'name: odd\nrun: {{what}}\n');
    expect(await initTemplate(root, 'odd', { user: 'ada' })).toMatchObject({
      ok: false,
      error: {
        message: expect.stringContaining('{{what}}'),
        file: join(root, '.blueprint/templates/pipelines/odd.yaml'),
      },
    });
    expect(existsSync(join(root, 'pipelines'))).toBe(false);
  });
});

/** As a project without a role or an approver of its own sees it. */
async function read(text: string) {
  const entries = await createBlueprint(root).list();
  const knownAgents = new Set(entries.filter(({ kind }) => kind === 'agents').map(({ name }) => name));
  return readPipeline(text, 'pipeline.yaml', { knownAgents });
}

describe.each(Object.entries(PROJECTS))('in a project with %s', (_, files) => {
  it.each(['ci', 'cd', 'release', 'security'])(
    '%s is valid as it is made, without a warning',
    async (name) => {
      for (const [path, text] of Object.entries(files)) put(path, text);
      const { problems, pipeline } = await read(await textOf(name));
      expect(problems).toEqual([]);
      expect(pipeline?.name).toBe(name);
      expect(pipeline?.stages.length).toBeGreaterThanOrEqual(3);
      // Each waits for the one before it: a deployment never starts beside the test above it.
      expect(pipeline?.stages.map(({ needs }) => needs)).toEqual(
        pipeline?.stages.map((_stage, index) => (index === 0 ? [] : [pipeline.stages[index - 1]?.name])),
      );
    },
  );
});

describe('the examples', () => {
  it.each(['feature-complete', 'docs', 'greet'])('%s is accepted as it stands', async (name) => {
    const { problems, pipeline } = await read(
      readFileSync(`${import.meta.dirname}/../../examples/pipelines/${name}.yaml`, 'utf8'),
    );
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(pipeline?.name).toBe(name);
  });
});

describe('ci', () => {
  it('runs the project’s own commands and says which', async () => {
    put('package.json', PROJECTS['Node with scripts']?.['package.json'] ?? '');
    const done = await initTemplate(root, 'ci', { user: 'ada' });
    expect(done).toMatchObject({
      ok: true,
      value: {
        file: 'pipelines/ci.yaml',
        notes: ['lint: npm run lint', 'test: npm test', 'build: npm run build'],
      },
    });
    expect(stagesOf(get('pipelines/ci.yaml')).map(({ name, run }) => [name, run])).toEqual([
      ['lint', 'npm run lint'],
      ['test', 'npm test'],
      ['build', 'npm run build'],
    ]);
  });

  it('has agents do what no file of the project names a command for', async () => {
    put('package.json', '{"scripts":{"build":"tsc"}}');
    const done = await initTemplate(root, 'ci', { user: 'ada' });
    expect(done.ok && done.value.notes[1]).toContain('regression-tester');
    expect(
      stagesOf(get('pipelines/ci.yaml')).map(({ name, agent, task, run }) => [name, agent, typeof task, run]),
    ).toEqual([
      ['lint', 'linter', 'string', undefined],
      ['test', 'regression-tester', 'string', undefined],
      ['build', undefined, 'undefined', 'npm run build'],
    ]);
  });

  it('takes the commands that a person has set, and leaves what the shell expands to the shell', async () => {
    put('.claude/stack-config.json', '{"testCommand":"make \\"${T}\\" # all\\n: x"}');
    expect(stagesOf(await textOf('ci'))[1]).toMatchObject({ run: 'make "$${T}" # all\n: x' });
  });
});

describe('cd', () => {
  it('goes to production only with the consent of whoever made it, and back where a smoke test fails', async () => {
    const [staging, smoke, production, after] = stagesOf(await textOf('cd'));
    expect(staging).toMatchObject({ name: 'deploy-staging', rollback: { agent: 'deployer' } });
    expect(smoke).toMatchObject({ on_failure: 'rollback', rollback_to: 'deploy-staging' });
    expect(production).toMatchObject({
      requires_approval: true,
      approvers: ['ada'],
      quorum: 'all',
      approval_default: 'reject',
      rollback: { agent: 'deployer' },
    });
    expect(after).toMatchObject({ on_failure: 'rollback', rollback_to: 'deploy-production' });
  });

  it.each([
    "O\"Brien \\ 'x'",
    'ada\n    requires_approval: false',
    '${event.who} {{editor}}',
    'eve], quorum: any, x: [',
    '# nobody',
    'true',
  ])('takes the name %j for a name and nothing else', async (user) => {
    const text = await textOf('cd', user);
    expect(stagesOf(text)[2]).toMatchObject({ requires_approval: true, approvers: [user], quorum: 'all' });
    expect((await read(text)).pipeline?.stages[2]?.approval?.approvers).toEqual([user]);
    expect(Object.keys(load(text) as object)).toEqual(Object.keys(load(await fresh('cd')) as object));
  });

  it('is not begun for nobody', async () => {
    expect(await initTemplate(root, 'cd', { user: ' ' })).toMatchObject({ error: { code: 'no-user' } });
    expect((await initTemplate(root, 'ci', { user: '' })).ok).toBe(true);
  });
});

/** The same template for somebody with an ordinary name. */
async function fresh(name: string): Promise<string> {
  const done = await initTemplate(root, name, { user: 'ada', file: 'fresh.yaml', force: true });
  return done.ok ? done.value.text : '';
}

describe('the new file', () => {
  it('stands in the root of the working tree, named as seen from where one stands', async () => {
    mkdirSync(join(root, 'src/deep'), { recursive: true });
    const done = await initTemplate(join(root, 'src/deep'), 'release', { user: 'ada' });
    expect(done).toMatchObject({ value: { file: '../../pipelines/release.yaml' } });
    expect(existsSync(join(root, 'pipelines/release.yaml'))).toBe(true);
  });

  it('stands where it was asked for', async () => {
    mkdirSync(join(root, 'sub'));
    const done = await initTemplate(join(root, 'sub'), 'ci', { user: 'ada', file: 'my/check.yaml' });
    expect(done).toMatchObject({ value: { file: 'my/check.yaml' } });
    expect(get('sub/my/check.yaml')).toContain('name: ci');
  });

  it('is written over nothing without force', async () => {
    put('pipelines/ci.yaml', 'mine\n');
    expect(await initTemplate(root, 'ci', { user: 'ada' })).toMatchObject({
      ok: false,
      error: { code: 'file-exists', file: join(root, 'pipelines/ci.yaml') },
    });
    expect(get('pipelines/ci.yaml')).toBe('mine\n');
    expect((await initTemplate(root, 'ci', { user: 'ada', force: true })).ok).toBe(true);
    expect(get('pipelines/ci.yaml')).toContain('name: ci');
    expect(readdirSync(join(root, 'pipelines'))).toEqual(['ci.yaml']);
  });

  it('is not written through a link, not even with force', async () => {
    put('elsewhere.yaml', 'mine\n');
    mkdirSync(join(root, 'pipelines'));
    symlinkSync('../elsewhere.yaml', join(root, 'pipelines/ci.yaml'));
    symlinkSync('../not-there.yaml', join(root, 'pipelines/cd.yaml'));
    for (const [name, force] of [
      ['ci', false],
      ['ci', true],
      ['cd', true],
    ] as const) {
      expect(await initTemplate(root, name, { user: 'ada', force })).toMatchObject({
        error: { code: 'file-exists' },
      });
    }
    expect(get('elsewhere.yaml')).toBe('mine\n');
    expect(existsSync(join(root, 'not-there.yaml'))).toBe(false);
  });

  it('names the schema for editors only where this package is installed, by the path from the file', async () => {
    expect(await textOf('ci')).not.toMatch(/^# yaml-language-server:/m);
    put('node_modules/murmur8/dist/schema/pipeline.json', '{}');
    expect((await fresh('ci')).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./node_modules/murmur8/dist/schema/pipeline.json',
    );
    expect((await textOf('release')).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../node_modules/murmur8/dist/schema/pipeline.json',
    );
  });
});

describe('a template that there is not', () => {
  it.each(['cicd', 'relase', 'Security'])(
    '%s: says which one may be meant and which there are',
    async (name) => {
      expect(await initTemplate(root, name, { user: 'ada' })).toMatchObject({
        ok: false,
        error: {
          code: 'not-found',
          hint: expect.stringMatching(/^did you mean (ci|cd|release|security)\?.*cd, ci, release, security$/),
        },
      });
    },
  );

  it('is not looked for outside of the templates', async () => {
    put('secret.yaml', 'name: secret\n');
    expect(await initTemplate(root, '../../../secret', { user: 'ada' })).toMatchObject({
      error: { code: 'bad-name' },
    });
  });
});
