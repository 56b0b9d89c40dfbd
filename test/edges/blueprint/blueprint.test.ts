import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBlueprint } from '../../../src/edges/blueprint/blueprint.ts';
import { findPackage } from '../../../src/edges/blueprint/package-root.ts';

let base: string;
let project: string;
let shipped: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'murmur8-blueprint-'));
  project = join(base, 'project');
  shipped = join(base, 'package');
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('a blueprint', () => {
  it('prefers the user’s agent, then one of Claude Code, then the shipped one', async () => {
    const blueprint = createBlueprint(project, shipped);
    write(shipped, '.blueprint/agents/alex.md', 'shipped');
    expect(await blueprint.agent('alex')).toMatchObject({ value: { instructions: 'shipped\n' } });
    write(project, '.claude/agents/alex.md', '---\nname: alex\n---\nclaude');
    expect(await blueprint.agent('alex')).toMatchObject({ value: { instructions: 'claude\n' } });
    write(project, '.blueprint/agents/alex.md', 'mine');
    expect(await blueprint.agent('alex')).toMatchObject({
      value: { instructions: 'mine\n', file: join(project, '.blueprint/agents/alex.md') },
    });
  });

  it('reports a broken agent of the user instead of falling back to the shipped one', async () => {
    write(shipped, '.blueprint/agents/alex.md', 'shipped');
    write(project, '.blueprint/agents/alex.md', '---\nmax_turns: x\n---\nmine');
    expect(await createBlueprint(project, shipped).agent('alex')).toMatchObject({
      ok: false,
      error: { file: join(project, '.blueprint/agents/alex.md'), line: 2 },
    });
  });

  it('reads prompts, templates and pipelines byte for byte', async () => {
    write(shipped, '.blueprint/prompts/alex.md', 'prompt\r\n');
    write(shipped, '.blueprint/templates/STORY.md', 'template\n');
    write(shipped, '.blueprint/pipelines/implement-feature.yaml', 'name: shipped\n');
    write(project, '.blueprint/pipelines/implement-feature.yml', 'name: mine\n');
    const blueprint = createBlueprint(project, shipped);
    expect(await blueprint.prompt('alex')).toEqual({ ok: true, value: 'prompt\r\n' });
    expect(await blueprint.template('STORY')).toEqual({ ok: true, value: 'template\n' });
    expect(await blueprint.pipeline('implement-feature')).toEqual({ ok: true, value: 'name: mine\n' });
  });

  it('lists every name once with the copy that counts', async () => {
    write(shipped, '.blueprint/agents/alex.md', 'a');
    write(shipped, '.blueprint/agents/cass.md', 'a');
    write(project, '.blueprint/agents/cass.md', 'a');
    write(project, '.blueprint/agents/cass.md.new', 'a');
    write(project, '.claude/agents/reviewer.md', 'a');
    const entries = await createBlueprint(project, shipped).list();
    expect(entries.map(({ kind, name, origin }) => [kind, name, origin])).toEqual([
      ['agents', 'alex', 'shipped'],
      ['agents', 'cass', 'project'],
      ['agents', 'reviewer', 'claude-code'],
    ]);
  });

  it('says which there are when one is missing, and takes no path for a name', async () => {
    write(shipped, '.blueprint/agents/alex.md', 'a');
    write(project, 'secret.md', 's');
    const blueprint = createBlueprint(project, shipped);
    expect(await blueprint.agent('axel')).toMatchObject({
      error: { code: 'not-found', hint: expect.stringContaining('alex') },
    });
    expect(await blueprint.prompt('../../secret')).toMatchObject({ error: { code: 'bad-name' } });
  });

  it('keeps templates of pipelines apart from the other templates, and says which one was meant', async () => {
    write(shipped, '.blueprint/templates/story.md', 'a');
    write(shipped, '.blueprint/templates/pipelines/security.yaml', 'name: security\n');
    const blueprint = createBlueprint(project, shipped);
    expect((await blueprint.list()).map(({ kind, name }) => [kind, name])).toEqual([
      ['templates', 'story'],
      ['templates/pipelines', 'security'],
    ]);
    expect(await blueprint.find('templates/pipelines', 'security')).toMatchObject({
      value: { text: 'name: security\n', origin: 'shipped' },
    });
    expect(await blueprint.find('templates/pipelines', 'securty')).toMatchObject({
      error: {
        message: 'there is no pipeline template named securty',
        hint: expect.stringMatching(/^did you mean security\? /),
      },
    });
  });

  it('finds its own package from the sources and from the directory of bundles', () => {
    const here = findPackage();
    expect(here.version).toMatch(/^\d+\.\d+\.\d+/);
    write(shipped, 'package.json', '{"name":"murmur8","version":"9.8.7"}');
    write(shipped, 'dist/package.json', '{"type":"module"}');
    expect(findPackage(join(shipped, 'dist'))).toEqual({ root: shipped, version: '9.8.7' });
  });
});
