import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createContainment } from '../../../src/edges/containment/containment.ts';

let root: string;
let ignored: (paths: readonly string[]) => Promise<ReadonlySet<string>>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'containment-'));
  const made = root;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  ignored = async (paths) => new Set(paths);
  put('.git/HEAD', 'ref: refs/heads/main\n');
  put('.git/config', '[core]\n\tbare = false\n');
  put('.git/hooks/pre-commit', '#!/bin/sh\n');
  put('.claude/runs/r1/journal.jsonl', '');
});

describe('what an agent leaves changed', () => {
  it('is put back, with a sentence that names it, and its version is kept', async () => {
    put('.env', 'KEY=mine\n');
    put('.git/hooks/pre-commit', '#!/bin/sh\n');
    chmodSync(join(root, '.git/hooks/pre-commit'), 0o755);
    const session = opened('alex');
    put('.env', 'KEY=theirs\n');
    put('.git/hooks/pre-commit', 'evil\n');
    put('.git/hooks/post-commit', 'evil too\n');
    put('.git/config', '[core]\n\tbare = false\n\thooksPath = /tmp/evil\n');
    put('.git/info/exclude', '*.js\n');
    put('.opencode/plugin/x.js', 'evil plugin\n');
    put('.blueprint/agents/alex.md', 'be evil\n');
    const notices = await session.close();
    expect(text('.env')).toBe('KEY=mine\n');
    expect(text('.git/hooks/pre-commit')).toBe('#!/bin/sh\n');
    expect(statSync(join(root, '.git/hooks/pre-commit')).mode & 0o777).toBe(0o755);
    expect(text('.git/config')).toBe('[core]\n\tbare = false\n');
    for (const path of ['.git/hooks/post-commit', '.git/info/exclude', '.opencode', '.blueprint/agents'])
      expect(existsSync(join(root, path)), path).toBe(false);
    expect(notices).toEqual([
      expect.stringMatching(
        /^protected files that changed while alex was at work were put back: .*; what was there is kept in \.claude\/runs\/r1\/undone\/1$/,
      ),
    ]);
    for (const name of ['.env', '.git/hooks/post-commit', '.git/config', '.opencode/plugin/x.js'])
      expect(notices[0]).toContain(name);
    expect(text('.claude/runs/r1/undone/1/.env')).toBe('KEY=theirs\n');
    expect(text('.claude/runs/r1/undone/1/.opencode/plugin/x.js')).toBe('evil plugin\n');
    expect(statSync(join(root, '.claude/runs/r1/undone/1/.env')).mode & 0o777).toBe(0o600);
  });

  it('is put back when it was deleted, and when a link or directory took its place', async () => {
    put('.mcp.json', '{}');
    put('.env.local', 'A=1');
    put('elsewhere/secret.txt', 'not to be touched');
    put('.codex/config.toml', 'x = 1');
    const session = opened('alex');
    rmSync(join(root, '.mcp.json'));
    rmSync(join(root, '.env.local'));
    mkdirSync(join(root, '.env.local'));
    rmSync(join(root, '.codex'), { recursive: true });
    symlinkSync(join(root, 'elsewhere'), join(root, '.codex'));
    expect(await session.close()).toHaveLength(1);
    expect(text('.mcp.json')).toBe('{}');
    expect(text('.env.local')).toBe('A=1');
    expect(text('.codex/config.toml')).toBe('x = 1');
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['secret.txt']);
  });

  it('is never looked for behind a directory that became a link', async () => {
    put('home/settings.json', '{"mine":true}');
    const session = opened('alex', { cwd: join(root, 'packages') });
    mkdirSync(join(root, 'packages'), { recursive: true });
    symlinkSync(join(root, 'home'), join(root, 'packages/.claude'));
    const [notice] = await session.close();
    expect(text('home/settings.json')).toBe('{"mine":true}');
    expect(notice).toContain('could not be put back, look at them: packages/.claude/settings.json');
  });

  it('is left where nobody but its author or git writes: branches, examples, files that git sees', async () => {
    put('.git/config', '[core]\n\tbare = false\n');
    ignored = async () => new Set();
    const session = opened('alex');
    put('.git/config', '[core]\n\tbare = false\n[branch "x"]\n\tremote = origin\n\tmerge = refs/heads/x\n');
    put('.git/info/exclude', '/.worktrees/\n');
    put('.env.example', 'KEY=\n');
    put('.env.test', 'KEY=test\n');
    put('.opencode/node_modules/a/index.js', '');
    put('.claude/pipeline-history.json', '[]');
    put('src/index.js', '');
    expect(await session.close()).toEqual([]);
    for (const path of ['.env.example', '.env.test', 'src/index.js'])
      expect(existsSync(join(root, path))).toBe(true);
    expect(text('.git/config')).toContain('branch');
  });

  it('is left when the user saved it with this program', async () => {
    put('.claude/retry-config.json', '{"version":1}');
    const { writeConfig } = await import('../../../src/edges/config/config-file.ts');
    const session = opened('alex');
    const saved = writeConfig(join(root, '.claude'), 'retry', () => ({ window: 7 }));
    expect(saved.ok).toBe(true);
    expect(await session.close()).toEqual([]);
    expect(text('.claude/retry-config.json')).toContain('7');
    const next = opened('cass');
    put('.claude/retry-config.json', '{"version":1,"window":9}');
    expect(await next.close()).toHaveLength(1);
    expect(text('.claude/retry-config.json')).toContain('7');
  });

  it('is left when a command was at work at the same time, with a sentence', async () => {
    const contained = containment();
    const session = opened('alex', { contained });
    const end = contained.command('r1', 'the command of setup');
    put('.env', 'MADE=1\n');
    end();
    expect(await session.close()).toEqual([
      'protected files changed while alex and a command were at work, and were left as they are: .env',
    ]);
    expect(text('.env')).toBe('MADE=1\n');
  });

  it('is told once where two sessions overlap, and both begin from what was before the first', async () => {
    const contained = containment();
    const one = opened('alex', { contained });
    put('.git/hooks/post-merge', 'evil');
    const other = opened('cass', { contained });
    expect(await other.close()).toHaveLength(1);
    expect(existsSync(join(root, '.git/hooks/post-merge'))).toBe(false);
    expect(await one.close()).toEqual([]);
  });

  it('is put back by whoever continues after the owner was killed, but not what a person may have mended', async () => {
    put('.env', 'KEY=before');
    opened('alex');
    put('.env', 'KEY=after');
    put('.git/hooks/pre-commit', 'evil');
    put('.opencode/plugin/x.js', 'evil');
    const next = containment().open(place('alex'));
    if (!next.ok) throw new Error(next.error.message);
    expect(text('.git/hooks/pre-commit')).toBe('#!/bin/sh\n');
    expect(existsSync(join(root, '.opencode'))).toBe(false);
    expect(text('.env')).toBe('KEY=after');
    expect(next.value.notices).toEqual([
      expect.stringContaining('that a cut-off attempt had changed were put back'),
      expect.stringContaining('were left as they are, look at them: .env'),
    ]);
  });

  it('holds no secret in what is kept for that', () => {
    put('.env', 'KEY=hush-hush-value');
    put('.mcp.json', '{"env":{"KEY":"hush-hush-value"}}');
    put('.opencode/opencode.json', '{"plain":"text-to-keep"}');
    opened('alex');
    const kept = readdirSync(join(root, '.claude/runs/r1'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => text(`.claude/runs/r1/${name}`))
      .join();
    expect(kept).toContain('text-to-keep');
    expect(kept).not.toContain('hush-hush-value');
  });
});

describe('an agent whose startup files changed since the run began', () => {
  it('is not started, and is once the run was continued by somebody who was told', () => {
    const first = containment();
    const end = first.command('r1', 'the command of setup');
    put('.opencode/plugin/x.js', 'planted');
    end();
    const refused = first.open(place('build', 'opencode'));
    expect(refused).toMatchObject({
      ok: false,
      error: {
        message:
          'the agent was not started: since the run began, .opencode/plugin/x.js was added by the command of setup, where it may take code and rights from',
        hint: expect.stringContaining('remove it'),
      },
    });
    expect(first.open(place('build', 'opencode')).ok).toBe(false);
    expect(containment().open(place('build', 'opencode')).ok).toBe(true);
  });

  it('is not started after one word for another version of the file', () => {
    const first = containment();
    const end = first.command('r1', 'the command of setup');
    put('.opencode/plugin/x.js', 'planted');
    end();
    expect(first.open(place('build', 'opencode')).ok).toBe(false);
    const second = containment();
    const again = second.command('r1', 'the command of setup');
    put('.opencode/plugin/x.js', 'planted anew');
    again();
    expect(second.open(place('build', 'opencode')).ok).toBe(false);
  });

  it('is started where it does not read the file', () => {
    const contained = containment();
    const end = contained.command('r1', 'the command of setup');
    put('.opencode/plugin/x.js', 'planted');
    put('.claude/settings.json', '{}');
    end();
    for (const runner of ['claude', 'codex', 'gemini', 'offline'])
      expect(contained.open(place('build', runner)).ok, runner).toBe(true);
    for (const runner of ['opencode', 'acp:claude-agent-acp', 'command:claude -p'])
      expect(contained.open(place('build', runner)).ok, runner).toBe(false);
  });

  it('is not started when the owner was killed while a command was at work', () => {
    containment().command('r1', 'the command of setup');
    put('opencode.json', '{"plugin":["x"]}');
    expect(containment().open(place('build', 'opencode')).ok).toBe(false);
  });

  it('is started when the user changed them while nobody drove the run', async () => {
    put('.mcp.json', '{}');
    const session = opened('alex', { runner: 'acp:agent' });
    await session.close();
    put('.mcp.json', '{"mcpServers":{}}');
    put('.opencode/plugin/x.js', 'mine');
    const next = containment();
    expect(next.open(place('cass', 'acp:agent')).ok).toBe(true);
    put('.mcp.json', '{"mcpServers":{"evil":{}}}');
    expect(next.open(place('cass', 'acp:agent'))).toMatchObject({
      error: { message: expect.stringContaining('.mcp.json was changed, where') },
    });
  });

  it('is started in a directory below where they lay since before the run, and not where they are new', async () => {
    put('packages/a/.opencode/plugin/x.js', 'mine');
    const contained = containment();
    await opened('alex', { contained }).close();
    const there = place('build', 'opencode', join(root, 'packages/a'));
    const known = contained.open(there);
    if (!known.ok) throw new Error(known.error.message);
    await known.value.close();
    const { ctimeMs } = statSync(join(root, '.claude/runs/r1/protected.json'));
    // The clock of a file system goes by steps.
    do put('packages/b/.opencode/plugin/x.js', 'planted');
    while (statSync(join(root, 'packages/b/.opencode/plugin/x.js')).ctimeMs <= ctimeMs);
    const fresh = contained.open({ ...there, cwd: join(root, 'packages/b') });
    expect(fresh).toMatchObject({
      error: { message: expect.stringContaining('packages/b/.opencode/plugin/x.js was added') },
    });
  });
});

function containment() {
  return createContainment({
    root,
    stateDirectory: join(root, '.claude'),
    directoryOf: (runId) => join(root, '.claude/runs', runId),
    mask: (line) => line.replaceAll('hush-hush-value', '***'),
    isIgnored: (paths) => ignored(paths),
  });
}

function place(stage: string, runner = 'claude', cwd = root) {
  return { runId: 'r1', stage, runner, cwd };
}

function opened(
  stage: string,
  {
    contained = containment(),
    runner = 'claude',
    cwd = root,
  }: { contained?: ReturnType<typeof containment>; runner?: string; cwd?: string } = {},
) {
  const session = contained.open(place(stage, runner, cwd));
  if (!session.ok) throw new Error(session.error.message);
  return session.value;
}

function put(path: string, content: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function text(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
