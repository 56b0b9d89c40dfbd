import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aliveWith } from '../rig/agents-alive.ts';
import { MACHINE, murmur8, start } from '../rig/cli.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { until } from '../rig/until.ts';

interface Check {
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly fix?: string;
}

let project: TestProject;
let bin: string;

beforeEach(() => {
  project = createProject();
  bin = join(project.root, '../bin');
  mkdirSync(bin);
});
afterEach(() => project.remove());

function install(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const env = () => ({ PATH: `${bin}:${MACHINE['PATH']}`, OPENAI_API_KEY: 'key-0001', MARK: bin });

async function validate(...words: string[]): Promise<{ code: number | null; checks: readonly Check[] }> {
  const done = await murmur8(['validate', '--json', ...words], { cwd: project.root, env: env() });
  const { checks } = JSON.parse(done.stdout) as { checks: readonly Check[] };
  return { code: done.code, checks };
}

const role = (name: string, keys: string) => `---\nname: ${name}\n${keys}\n---\nYou are ${name}.\n`;

describe('validate', () => {
  it('shows every runner that the run would use, those that only take over included', async () => {
    install('codex', 'echo codex-cli 0.169.0');
    project.write('.blueprint/agents/alex.md', role('alex', 'runner: [offline, codex]'));
    for (const name of ['cass', 'nigel', 'codey'])
      project.write(`.blueprint/agents/${name}.md`, role(name, 'runner: codex'));
    const { code, checks } = await validate();
    expect(code).toBe(0);
    expect(checks.filter(({ name }) => name === 'runner').map(({ found }) => found)).toEqual([
      'offline, for alex',
      `codex 0.169.0 (${join(bin, 'codex')}), for cass, nigel, codey-plan, codey-implement, and to take over alex`,
    ]);
  });

  it('asks those that are named instead, in their order', async () => {
    install('codex', 'echo codex-cli 0.169.0');
    const { code, checks } = await validate('--runner', 'codex', '--runner', 'gemini-cli');
    expect(code).toBe(1);
    expect(checks.filter(({ name }) => name === 'runner')).toMatchObject([
      { state: 'ok', found: expect.stringMatching(/^codex 0\.169\.0 .*, for alex, cass, nigel/) },
      {
        state: 'failed',
        found: expect.stringMatching(/^there is no runner "gemini-cli", to take over alex/),
      },
    ]);
  });

  it('names the place of everything that is wrong in the files of agents, all at once', async () => {
    project.write('.blueprint/agents/alex.md', '---\nname: alex\ntools: [Read\n---\nYou are alex.\n');
    project.write('.blueprint/agents/nigel.md', role('nigel', 'max_turns: many'));
    const { code, checks } = await validate('--runner', 'offline');
    expect(code).toBe(1);
    expect(checks.filter(({ state }) => state === 'failed').map(({ found }) => found)).toEqual([
      expect.stringMatching(/\.blueprint\/agents\/alex\.md:\d+:\d+: the frontmatter is not valid YAML/),
      expect.stringMatching(/\.blueprint\/agents\/nigel\.md:3:?\d*: max_turns must be a whole number/),
    ]);
  });

  it('names tools that a runner does not know', async () => {
    install('codex', 'echo codex-cli 0.169.0');
    project.write('.blueprint/agents/alex.md', role('alex', 'tools: Raed, Write, mcp__tickets__find'));
    const { code, checks } = await validate('--runner', 'codex');
    expect(code).toBe(0);
    expect(checks.filter(({ name }) => name === 'tools')).toMatchObject([
      {
        state: 'warning',
        found: 'alex: codex knows no tools Raed (did you mean Read?), mcp__tickets__find',
        fix: expect.stringContaining(project.path('.blueprint/agents/alex.md')),
      },
    ]);
  });

  it('takes an agent that hangs with it when it is interrupted', async () => {
    install('codex', 'touch "$HOME/begun-validate"; sleep 1000');
    const going = start(['validate', '--runner', 'codex'], {
      cwd: project.root,
      env: { ...env(), HOME: bin },
    });
    await until(() => expect(existsSync(join(bin, 'begun-validate'))).toBe(true));
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ signal: 'SIGINT' });
    await until(() => expect(aliveWith(bin)).toEqual([]));
  });
});
