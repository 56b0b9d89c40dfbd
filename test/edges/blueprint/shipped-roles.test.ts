import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeholdersOf } from '../../../src/core/feature/prompt.ts';
import { createBlueprint } from '../../../src/edges/blueprint/blueprint.ts';

const blueprint = createBlueprint('/nowhere');
const names = readdirSync('.blueprint/agents').map((file) => file.replace(/\.md$/, ''));
const ONLY_LOOKING = [
  'linter',
  'regression-tester',
  'builder',
  'security-scanner',
  'smoke-tester',
  'deployer',
  'doc-deployer',
  'releaser',
];

describe('the shipped roles', () => {
  it.each(names)('%s has a name, a description, tools and instructions of its own', async (name) => {
    const role = await blueprint.agent(name);
    expect(role).toMatchObject({ ok: true, value: { name } });
    if (!role.ok) return;
    expect(role.value.description?.length).toBeGreaterThan(20);
    expect(role.value.tools?.length).toBeGreaterThan(0);
    expect(role.value.instructions).toMatch(/^You are .+\n/);
    expect(role.value.instructions).not.toMatch(/\{\{|TODO/);
  });

  it('hold the agents that the examples of seed 001 name', () => {
    for (const name of [
      'regression-tester',
      'security-scanner',
      'deployer',
      'smoke-tester',
      'doc-deployer',
    ]) {
      expect(names).toContain(name);
    }
  });

  it.each(ONLY_LOOKING)('give %s no tool that writes files', async (name) => {
    const role = await blueprint.agent(name);
    const tools = role.ok ? (role.value.tools ?? []) : [];
    expect(tools).toContain('Read');
    expect(tools.filter((tool) => /^(Write|Edit|MultiEdit|NotebookEdit)\b/.test(tool))).toEqual([]);
  });

  it('let the scanner run nothing but listed commands that only look', async () => {
    const role = await blueprint.agent('security-scanner');
    const shell = role.ok ? (role.value.tools ?? []).filter((tool) => tool.startsWith('Bash')) : [];
    expect(shell.length).toBeGreaterThan(0);
    for (const tool of shell) expect(tool).toMatch(/^Bash\([^*]+\)$/);
  });
});

describe('the prompts of a pipeline', () => {
  it.each([
    ['stage', ['task', 'outputs', 'outputFile', 'produces']],
    ['undo', ['stage', 'task', 'reason']],
  ])('%s says what it is about', async (name, expected) => {
    const prompt = await blueprint.prompt(name);
    expect(prompt.ok && placeholdersOf(prompt.value)).toEqual(expect.arrayContaining(expected));
  });
});
