import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentsDocument, agentsContract } from '../../src/interfaces/contract/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { murmur8, start } from '../rig/cli.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { until } from '../rig/until.ts';

let home: string;
let project: TestProject;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'murmur8-agents-home-'));
  mkdirSync(join(home, 'bin'));
  project = createProject();
});
afterEach(() => {
  expect(aliveWith(home)).toEqual([]);
  project.remove();
  rmSync(home, { recursive: true, force: true });
});

/** A program on the PATH; nothing else is. */
function install(name: string, script: string): void {
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const env = (more: Readonly<Record<string, string>> = {}) => ({
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  PATH: join(home, 'bin'),
  ...more,
});

async function list(...words: string[]): Promise<AgentsDocument> {
  const done = await murmur8(['agents', '--json', ...words], { cwd: project.root, env: env() });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  return agentsContract.parse(JSON.parse(done.stdout));
}

const named = ({ runners }: AgentsDocument, name: string) => runners.find(({ runner }) => runner === name);

const role = (name: string, runner: string) =>
  `---\nname: ${name}\n${runner}\ntools: Read, Write\n---\nYou are ${name}.\n`;

describe('agents', () => {
  it('lists every runner on a machine that has none, with where to get it', async () => {
    const listing = await list();
    expect(listing.project).toBe(project.root);
    expect(listing.runners.map(({ runner, state }) => [runner, state])).toEqual([
      ['claude', 'missing'],
      ['codex', 'missing'],
      ['gemini', 'missing'],
      ['opencode', 'missing'],
      ['offline', 'ready'],
    ]);
    for (const { state, hint, login } of listing.runners) {
      if (state !== 'missing') continue;
      expect(hint).toContain('npm install -g');
      expect(login).toBeNull();
    }
    expect(named(listing, 'claude')?.stages.map(({ stage }) => stage)).toEqual([
      'alex',
      'cass',
      'nigel',
      'codey-plan',
      'codey-implement',
    ]);
    expect(project.uncommitted()).toEqual([]);
    expect(existsSync(project.stateDir)).toBe(false);
  });

  it('says of each version whether it was tested, and of each login how to get it', async () => {
    install('claude', "echo '2.1.197 (Claude Code)'");
    install('codex', "echo 'codex-cli 0.1.0'");
    install('gemini', 'echo 99.0.0');
    install('opencode', 'echo no numbers here');
    mkdirSync(join(home, '.gemini'));
    writeFileSync(join(home, '.gemini/oauth_creds.json'), '{}');
    const listing = await list();
    expect(named(listing, 'claude')).toMatchObject({
      state: 'no-login',
      program: join(home, 'bin/claude'),
      version: '2.1.197',
      version_state: 'ok',
      login: 'missing',
      reports_cost: true,
      hint: expect.stringContaining('ANTHROPIC_API_KEY'),
    });
    expect(named(listing, 'codex')).toMatchObject({ version: '0.1.0', version_state: 'older' });
    expect(named(listing, 'gemini')).toMatchObject({
      state: 'ready',
      version_state: 'newer',
      login: 'ok',
      reports_cost: false,
    });
    expect(named(listing, 'opencode')).toMatchObject({
      state: 'broken',
      program: join(home, 'bin/opencode'),
      version: null,
    });
  });

  it('waits for none of them longer than it was told, and leaves nothing of it alive', async () => {
    install('claude', 'echo begun >"$HOME/begun"\n/bin/sleep 1000 &\n/bin/sleep 1000');
    install('codex', 'echo codex-cli 0.169.0');
    const listing = await list('--timeout', '4s');
    expect(existsSync(join(home, 'begun'))).toBe(true);
    expect(named(listing, 'claude')).toMatchObject({
      state: 'broken',
      message: expect.stringContaining('no answer to --version within 4 s'),
    });
    expect(named(listing, 'codex')?.version).toBe('0.169.0');
  });

  it('ends what it asks when it is interrupted', async () => {
    install('claude', 'echo begun >"$HOME/begun"\n/bin/sleep 1000');
    const going = start(['agents'], { cwd: project.root, env: env() });
    await until(() => expect(existsSync(join(home, 'begun'))).toBe(true));
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
    await until(() => expect(aliveWith(home)).toEqual([]));
  });

  it('shows which stages would use a runner, by the roles and pipelines of the project', async () => {
    project.write('.blueprint/agents/alex.md', role('alex', 'runner: ["acp:no-such-agent --acp", codex]'));
    project.write('.blueprint/agents/codey.md', role('codey', 'runner: codexx'));
    project.write('.blueprint/agents/spare.md', role('spare', 'runner: "command:cat"'));
    project.write('.claude/agents/checker.md', role('checker', 'runner: gemini'));
    project.write('.claude/agents/foreign.md', '---\nname: [not ours\n---\n');
    project.write(
      'release.yaml',
      `name: release
stages:
  - {name: build, agent: checker, task: build it, audit: {agent: builder}, rollback: {agent: checker}}
`,
    );
    const created = await murmur8(['pipeline', 'create', 'release.yaml'], { cwd: project.root });
    expect(created).toMatchObject({ code: 0 });
    const listing = await list();
    expect(listing.problems).toEqual([]);
    expect(named(listing, 'acp:no-such-agent --acp')).toMatchObject({
      state: 'missing',
      stages: [{ pipeline: 'implement-feature', stage: 'alex', part: 'work', agent: 'alex', choice: 1 }],
    });
    expect(named(listing, 'codex')?.stages).toEqual([
      { pipeline: 'implement-feature', stage: 'alex', part: 'work', agent: 'alex', choice: 2 },
    ]);
    expect(named(listing, 'codexx')).toMatchObject({
      state: 'unknown',
      hint: expect.stringContaining('did you mean codex?'),
      stages: [{ stage: 'codey-plan' }, { stage: 'codey-implement' }],
    });
    expect(named(listing, 'command:cat')?.stages).toEqual([]);
    expect(named(listing, 'gemini')?.stages).toEqual([
      { pipeline: 'release', stage: 'build', part: 'work', agent: 'checker', choice: 1 },
      { pipeline: 'release', stage: 'build', part: 'rollback', agent: 'checker', choice: 1 },
    ]);
    expect(named(listing, 'claude')?.stages).toContainEqual({
      pipeline: 'release',
      stage: 'build',
      part: 'audit',
      agent: 'builder',
      choice: 1,
    });
  });

  it('names the place in a role that cannot be read, and lists the rest', async () => {
    project.write('.blueprint/agents/alex.md', '---\nname: alex\ndescription: "open\n---\nYou are alex.\n');
    const done = await murmur8(['agents'], { cwd: project.root, env: env() });
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).toMatch(/\.blueprint\/agents\/alex\.md:\d+:\d+: the frontmatter is not valid YAML/);
    expect(done.stdout).toContain('implement-feature: cass, nigel');
    const json = await list().catch(() => undefined);
    expect(json?.problems).toMatchObject([{ line: expect.any(Number), column: expect.any(Number) }]);
  });

  it('works outside of any project', async () => {
    const done = await murmur8(['agents'], { cwd: home, env: env() });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('there is no project here');
    expect(done.stdout).not.toContain('stages  ');
  });
});
