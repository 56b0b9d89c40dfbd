import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import {
  pipelineChangeContract,
  pipelineDeletionContract,
  pipelineDetailsContract,
  pipelineGraphContract,
  pipelineInitContract,
  pipelineListContract,
  registrationContract,
  templateListContract,
} from '../../src/interfaces/contract/pipeline.ts';
import { validationContract } from '../../src/interfaces/contract/problem.ts';
import { murmur8 } from '../rig/cli.ts';

/** Seed 001, story 2, word for word. */
const SEED = readFileSync(
  join(import.meta.dirname, '../../examples/pipelines/feature-complete.yaml'),
  'utf8',
);
const CI = `name: ci
description: "checks \\u001b[31mall"
stages:
  - name: lint
    run: echo lint
  - name: test
    run: echo test
`;
const BROKEN = `name: ci
stages:
  - name: lint
    run: echo lint
    timeuot: 5m
  - name: test
    run: echo test
    depends_on: lnit
`;

let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-registered-')));
  mkdirSync(join(project, '.claude'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const pipeline = (...words: string[]) => murmur8(['pipeline', ...words], { cwd: project });
const write = (file: string, text: string) => writeFileSync(join(project, file), text);
const stored = (name: string) => join(project, '.claude/pipelines', name);

/** The one document on standard output, held against its contract. */
async function document<T extends z.ZodType>(contract: T, ...words: string[]): Promise<z.output<T>> {
  const done = await pipeline(...words, '--json');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  return contract.parse(JSON.parse(done.stdout));
}

describe('pipeline create', () => {
  it('takes the pipeline of the seed word for word and keeps it byte for byte', async () => {
    write('feature.yaml', SEED);
    const { pipeline: created, changed } = await document(registrationContract, 'create', 'feature.yaml');
    expect(created).toMatchObject({ name: 'feature-complete', enabled: true, revision: 1, definition: SEED });
    expect(changed).toBe(true);
    expect(readFileSync(stored('feature-complete.yaml'), 'utf8')).toBe(SEED);
  });

  it('says what it did and what comes next', async () => {
    write('ci.yaml', CI);
    expect(await pipeline('create', 'ci.yaml')).toEqual({
      code: 0,
      signal: null,
      stdout: 'created ci: 2 stages, revision 1\nrun it with murmur8 pipeline run ci\n',
      stderr: '',
    });
  });

  it('reads standard input for -', async () => {
    const done = await murmur8(['pipeline', 'create', '-'], { cwd: project, input: CI });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(stored('ci.yaml'), 'utf8')).toBe(CI);
  });

  it('tells all that is wrong at once, registers nothing and ends with 2', async () => {
    write('ci.yaml', BROKEN);
    const done = await pipeline('create', 'ci.yaml');
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toContain('ci.yaml:5:5');
    expect(done.stderr).toMatch(/did you mean .*timeout/);
    expect(done.stderr).toContain('ci.yaml:8:17');
    expect(done.stderr).toMatch(/did you mean .*lint/);
    expect(done.stderr).toMatch(/ci\.yaml: 2 errors/);
    expect(existsSync(stored('registry.json'))).toBe(false);
  });

  it('registers in spite of a warning and shows it', async () => {
    write('ci.yaml', 'name: ci\nstages:\n  - name: a\n    agent: nobody-knows-this-one\n    task: t\n');
    const done = await pipeline('create', 'ci.yaml');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).toContain('warning');
    expect(done.stderr).toContain('nobody-knows-this-one');
    const [one] = (await document(pipelineListContract, 'list')).pipelines;
    expect(one?.name).toBe('ci');
  });

  it('refuses a name that is taken and names the command that replaces', async () => {
    write('ci.yaml', CI);
    await pipeline('create', 'ci.yaml');
    const done = await pipeline('create', 'ci.yaml');
    expect(done).toMatchObject({ code: 7, stdout: '' });
    expect(done.stderr).toContain('hint: murmur8 pipeline update ci <file>');
  });

  it.each([
    ['a file that is not there', 'none.yaml', 2],
    ['a directory', '.claude', 2],
    ['bytes that are no text', 'bytes.yaml', 2],
  ])('ends clearly at %s', async (_what, file, code) => {
    writeFileSync(join(project, 'bytes.yaml'), Buffer.from([0x6e, 0xff, 0xfe, 0x00]));
    const done = await pipeline('create', file);
    expect(done).toMatchObject({ code, stdout: '' });
    expect(done.stderr).toMatch(new RegExp(`^murmur8: ${file.replace('.', '\\.')}: `));
  });

  it.each(['../../escape', '/etc/x', 'a/b', '.hidden', 'UPPER', '"\\e[31m"'])(
    'lets no name lead out of its directory (%s)',
    async (name) => {
      write('x.yaml', CI.replace('name: ci', `name: ${name}`));
      const done = await pipeline('create', 'x.yaml');
      expect(done).toMatchObject({ code: 2, stdout: '' });
      expect(done.stderr).not.toContain('\x1b');
      expect(existsSync(stored('registry.json'))).toBe(false);
    },
  );

  it('says it when a file stands where the state belongs', async () => {
    write('ci.yaml', CI);
    write('state', 'x');
    const done = await pipeline('create', 'ci.yaml', '--state-dir', 'state');
    expect(done).toMatchObject({ code: 1, stdout: '' });
    expect(done.stderr).toContain('state/pipelines');
    expect(done.stderr).toContain('hint: ');
  });

  it('keeps state where --state-dir says', async () => {
    write('ci.yaml', CI);
    await pipeline('create', 'ci.yaml', '--state-dir', 'elsewhere');
    expect(existsSync(join(project, 'elsewhere/pipelines/ci.yaml'))).toBe(true);
    expect((await pipeline('list')).stdout).toContain('no pipelines yet');
    expect((await pipeline('list', '--state-dir', 'elsewhere')).stdout).toContain('ci');
  });
});

describe('pipeline update', () => {
  beforeEach(async () => {
    write('ci.yaml', CI);
    await pipeline('create', 'ci.yaml');
  });

  it('registers another definition as the next revision', async () => {
    write('ci.yaml', `${CI}# more\n`);
    const { pipeline: updated, changed } = await document(registrationContract, 'update', 'ci', 'ci.yaml');
    expect(updated).toMatchObject({ revision: 2, definition: `${CI}# more\n` });
    expect(changed).toBe(true);
  });

  it('says that nothing changed', async () => {
    const done = await pipeline('update', 'ci', 'ci.yaml');
    expect(done.stdout).toBe('ci is unchanged: revision 1 says just this\n');
    expect((await document(registrationContract, 'update', 'ci', 'ci.yaml')).changed).toBe(false);
  });

  it('refuses a definition of another name, and names that nobody registered', async () => {
    write('other.yaml', CI.replace('name: ci', 'name: other'));
    const other = await pipeline('update', 'ci', 'other.yaml');
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain('is the definition of other, not of ci');
    expect(await pipeline('update', 'cj', 'ci.yaml')).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('hint: did you mean ci?'),
    });
  });

  it('keeps what was written into the file by hand', async () => {
    writeFileSync(stored('ci.yaml'), `${CI}# by hand\n`);
    const { set_aside: kept } = await document(registrationContract, 'update', 'ci', 'ci.yaml');
    expect(readFileSync(kept ?? '', 'utf8')).toBe(`${CI}# by hand\n`);
    expect(readFileSync(stored('ci.yaml'), 'utf8')).toBe(CI);
  });
});

describe('pipeline list and show', () => {
  beforeEach(async () => {
    write('ci.yaml', CI);
    write('feature.yaml', SEED);
    await pipeline('create', 'ci.yaml');
    await pipeline('create', 'feature.yaml');
  });

  it('list what is registered, with stages and triggers', async () => {
    await pipeline('disable', 'ci');
    const { pipelines } = await document(pipelineListContract, 'list');
    expect(pipelines).toMatchObject([
      { name: 'ci', enabled: false, revision: 1, stages: 2, triggers: [], last_run: null },
      {
        name: 'feature-complete',
        enabled: true,
        stages: 5,
        triggers: ['on pull_request.merged to branch main'],
      },
    ]);
    const { stdout } = await pipeline('list');
    expect(stdout).toMatch(/^ci +no +1 +2 +- +by hand$/m);
    expect(stdout).toMatch(/^feature-complete +yes +1 +5 +- +on pull_request.merged to branch main$/m);
  });

  it('show stages and definition, without letting the file steer the terminal', async () => {
    const details = await document(pipelineDetailsContract, 'show', 'feature-complete');
    expect(details).toMatchObject({
      definition: SEED,
      definition_state: 'registered',
      variables: { environment: 'staging' },
      stages: [
        { name: 'validate', agent: 'regression-tester', depends_on: [], timeout_ms: 1_800_000 },
        { name: 'security-scan', depends_on: [] },
        { name: 'deploy-staging', depends_on: ['validate', 'security-scan'], environment: 'staging' },
        { name: 'smoke-test', on_failure: 'rollback', rollback_to: 'deploy-staging' },
        { name: 'deploy-prod', requires_approval: true, approvers: ['team-lead', 'devops'] },
      ],
    });
    const text = await pipeline('show', 'ci');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('enabled, revision 1');
    expect(text.stdout).toContain('run: echo lint');
    expect(text.stdout).not.toContain('\x1b');
  });

  it('name the next times of a schedule', async () => {
    const schedule = '  - schedule: { cron: "30 4 * * 1", timezone: Europe/Berlin }\n';
    write('ci.yaml', `${CI}triggers:\n${schedule}`);
    const { schedules, triggers } = await document(pipelineDetailsContract, 'show', 'ci.yaml');
    expect(triggers).toEqual(['at cron 30 4 * * 1 (Europe/Berlin)']);
    expect(schedules).toMatchObject([{ cron: '30 4 * * 1', timezone: 'Europe/Berlin', catch_up: 'skip' }]);
    const [next = []] = schedules.map((one) => one.next);
    expect(next).toHaveLength(3);
    for (const at of next) {
      expect(new Date(at).getUTCDay()).toBe(1);
      expect(at).toMatch(/T0[23]:30:00/);
      expect(Date.parse(at)).toBeGreaterThan(Date.now());
    }
    expect((await pipeline('show', 'ci.yaml')).stdout).toMatch(/^Next: +\d{4}-\d\d-\d\d 0[23]:30:00Z, /m);
  });

  it('show a definition alone exactly as it was authored', async () => {
    expect((await pipeline('show', 'feature-complete', '--yaml')).stdout).toBe(SEED);
  });

  it('say that a file was edited since it was registered', async () => {
    writeFileSync(stored('ci.yaml'), `${CI}# by hand\n`);
    const command = 'murmur8 pipeline update ci .claude/pipelines/ci.yaml';
    expect((await pipeline('list')).stdout).toContain(`edited since revision 1; run ${command}`);
    expect((await pipeline('show', 'ci')).stdout).toContain(command);
    expect(await document(pipelineDetailsContract, 'show', 'ci')).toMatchObject({
      definition_state: 'edited',
    });
    await pipeline(...command.split(' ').slice(2));
    expect((await pipeline('list')).stdout).not.toContain('edited');
  });

  it('show a file that is not registered, and name the pipeline that was meant', async () => {
    write('new.yaml', CI.replace('name: ci', 'name: new'));
    expect(await document(pipelineDetailsContract, 'show', 'new.yaml')).toMatchObject({
      pipeline: null,
      definition_state: 'unregistered',
    });
    const typo = await pipeline('show', 'feature-compleet');
    expect(typo).toMatchObject({ code: 6, stdout: '' });
    expect(typo.stderr).toContain('did you mean feature-complete?');
  });

  it('refuse a damaged registry and say what to do', async () => {
    writeFileSync(stored('registry.json'), '{"v": 1,\n oops');
    for (const words of [['list'], ['show', 'ci'], ['create', 'ci.yaml'], ['enable', 'ci']]) {
      const done = await pipeline(...words);
      expect(done).toMatchObject({ code: 1, stdout: '' });
      expect(done.stderr).toContain(`${stored('registry.json')}:2:2`);
      expect(done.stderr).toContain('hint: ');
    }
  });
});

describe('pipeline enable, disable and delete', () => {
  beforeEach(async () => {
    write('ci.yaml', CI);
    await pipeline('create', 'ci.yaml');
  });

  it('switch once and say when it was so already', async () => {
    expect((await pipeline('disable', 'ci')).stdout).toBe('disabled ci\n');
    expect(await document(pipelineChangeContract, 'disable', 'ci')).toMatchObject({
      changed: false,
      pipeline: { enabled: false },
    });
    expect((await pipeline('disable', 'ci')).stdout).toBe('ci was disabled already\n');
    expect((await pipeline('enable', 'ci')).stdout).toBe('enabled ci\n');
  });

  it('forget a pipeline and its file', async () => {
    const done = await document(pipelineDeletionContract, 'delete', 'ci');
    expect(done).toMatchObject({ name: 'ci', deleted: true });
    expect(existsSync(stored('ci.yaml'))).toBe(false);
    expect((await pipeline('delete', 'ci')).code).toBe(6);
  });

  it.each([
    ['running', 7],
    ['waiting_approval', 7],
    ['paused', 7],
    ['pending', 7],
    ['succeeded', 0],
    ['failed', 0],
    ['cancelled', 0],
  ])('delete nothing that has a %s run', async (phase, code) => {
    storeRun('00000000-0000-4000-8000-000000000001', phase);
    const done = await pipeline('delete', 'ci');
    expect(done.code).toBe(code);
    expect(existsSync(stored('ci.yaml'))).toBe(code !== 0);
    if (code === 0) return;
    expect(done.stderr).toContain('00000000-0000-4000-8000-000000000001');
    expect(done.stderr).toContain('hint: ');
    // Nothing drives it: whoever looks sees it as broken off, as `pipeline history` does.
    const isBrokenOff = phase === 'running' || phase === 'pending';
    expect((await document(pipelineListContract, 'list')).pipelines[0]?.last_run).toMatchObject({
      status: isBrokenOff ? 'failed' : phase,
    });
  });

  /** As a run that nobody drives leaves it. */
  function storeRun(id: string, phase: string): void {
    const directory = join(project, '.claude/runs', id);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'journal.jsonl'), '');
    const at = '2026-01-01T00:00:00.000Z';
    const state = { v: 1, executionId: id, pipeline: 'ci', phase, startedAt: at, status: {} };
    writeFileSync(join(directory, 'state.json'), JSON.stringify(state));
  }
});

describe('pipeline validate', () => {
  it('needs no project and says that a file is valid', async () => {
    const nowhere = mkdtempSync(join(tmpdir(), 'murmur8-nowhere-'));
    writeFileSync(join(nowhere, 'ci.yaml'), CI);
    expect(await murmur8(['pipeline', 'validate', 'ci.yaml'], { cwd: nowhere })).toMatchObject({
      code: 0,
      stdout: 'ci.yaml: valid, 2 stages\n',
      stderr: '',
    });
    rmSync(nowhere, { recursive: true });
  });

  it('gives editors every problem of every file with its place', async () => {
    write('broken.yaml', BROKEN);
    write('ci.yaml', CI);
    const done = await pipeline('validate', 'broken.yaml', 'ci.yaml', 'none.yaml', '--json');
    expect(done).toMatchObject({ code: 2, stderr: '' });
    const { valid, problems } = validationContract.parse(JSON.parse(done.stdout));
    expect(valid).toBe(false);
    expect(problems).toMatchObject([
      { severity: 'error', file: 'broken.yaml', line: 5, column: 5, length: 7 },
      { severity: 'error', file: 'broken.yaml', line: 8, column: 17, length: 4 },
      { severity: 'error', file: 'none.yaml', code: 'no-file' },
    ]);
    expect((await document(validationContract, 'validate', 'ci.yaml')).valid).toBe(true);
  });

  it('writes nothing', async () => {
    write('ci.yaml', CI);
    rmSync(join(project, '.claude'), { recursive: true });
    await pipeline('validate', 'ci.yaml');
    await pipeline('list');
    await pipeline('show', 'ci.yaml');
    expect(existsSync(join(project, '.claude'))).toBe(false);
  });
});

describe('pipeline graph', () => {
  it('draws a file and a registered pipeline alike, as text and as Mermaid', async () => {
    write('feature.yaml', SEED);
    const file = await pipeline('graph', 'feature.yaml');
    expect(file).toMatchObject({ code: 0, stderr: '' });
    for (const stage of ['validate', 'security-scan', 'deploy-staging', 'smoke-test', 'deploy-prod'])
      expect(file.stdout).toContain(stage);
    await pipeline('create', 'feature.yaml');
    expect((await pipeline('graph', 'feature-complete')).stdout).toBe(file.stdout);
    const mermaid = await pipeline('graph', 'feature-complete', '--format', 'mermaid');
    expect(mermaid.stdout).toMatch(/^flowchart /m);
    expect(await document(pipelineGraphContract, 'graph', 'feature-complete')).toMatchObject({
      mermaid: mermaid.stdout,
    });
  });

  it('shows what is wrong in a file that cannot be drawn', async () => {
    write('broken.yaml', BROKEN);
    const done = await pipeline('graph', 'broken.yaml');
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toContain('broken.yaml:5:5');
  });
});

describe('pipeline init', () => {
  beforeEach(() => {
    spawnSync('git', ['init', '-q'], { cwd: project });
  });

  it('lists the templates', async () => {
    const { templates } = await document(templateListContract, 'init', '--list');
    expect(templates.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cd', 'ci', 'release', 'security']),
    );
    expect((await pipeline('init', '--list')).stdout).toMatch(/^ci +\S/m);
  });

  it('writes a pipeline that is taken as it is, and replaces nothing', async () => {
    const written = await document(pipelineInitContract, 'init', 'ci');
    expect(readFileSync(join(project, written.file), 'utf8')).toBe(written.definition);
    expect(await pipeline('create', written.file)).toMatchObject({ code: 0, stderr: '' });
    expect(await pipeline('init', 'ci')).toMatchObject({ code: 7, stdout: '' });
    expect(await pipeline('init', 'ci', '--force')).toMatchObject({ code: 0 });
  });

  it('names the template that was meant, and asks for one', async () => {
    expect((await pipeline('init', 'secruity')).code).toBe(6);
    expect(await pipeline('init')).toMatchObject({ code: 2, stderr: expect.stringContaining('init --list') });
  });
});
