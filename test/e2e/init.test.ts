import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PackageCopy, packageCopy } from '../edges/blueprint/package-copy.ts';

const SKILLS = ['.claude/skills/implement-feature/SKILL.md', '.github/skills/implement-feature/SKILL.md'];
let copy: PackageCopy;

beforeEach(() => {
  copy = packageCopy(['init']);
  copy.ship('5.0.0', {
    'agents/alex.md': 'alex 1\n',
    'prompts/alex.md': 'prompt 1\n',
    'pipelines/implement-feature.yaml': 'name: implement-feature\n',
    'features/feature_own/FEATURE_SPEC.md': 'a feature of the package itself\n',
    '.installed.json': '{}',
  });
});

afterEach(() => copy.remove());

describe('murmur8 init', () => {
  it('brings the blueprint, both skills, the template and the rules for state', () => {
    const done = copy.run('init');
    expect(done).toMatchObject({ code: 0, err: '' });
    const files = copy.contents();
    expect(Object.keys(files)).toEqual(
      [
        '.blueprint/.installed.json',
        '.blueprint/agents/alex.md',
        '.blueprint/pipelines/implement-feature.yaml',
        '.blueprint/prompts/alex.md',
        ...SKILLS,
        '.env',
        '.gitignore',
      ].sort(),
    );
    expect(files[SKILLS[0] ?? '']).toBe('the skill of 5.0.0\n');
    expect(files['.env']).toContain('# MURMUR8_TELEMETRY_URL=');
    expect(done.out).toContain('created    .blueprint/agents/alex.md');
    expect(done.out).toContain('npx --no-install murmur8 validate');
    // Seed 004, story init-integration: silent about these two.
    expect(done.out).not.toMatch(/\.env|\.gitignore/);
    expect(copy.run('init', ['--json']).out).not.toMatch(/\.env|\.gitignore/);
  });

  it('makes git ignore secrets and all state, and nothing that belongs to the project', () => {
    execFileSync('git', ['init', '-q'], { cwd: copy.project });
    copy.run('init');
    for (const path of [
      '.claude/runs/1/journal.jsonl',
      '.claude/worktrees/x/a.txt',
      '.claude/.history-lock/owner.json',
      '.worktrees/x/a.txt',
      '.claude/telemetry-outbox/1.json',
      '.claude/telemetry-failed.json',
      '.claude/pipeline-history.json',
      '.claude/pipeline-history.json.lock',
    ]) {
      copy.write(path, 'state');
    }
    copy.write('.claude/pipelines/deploy.yaml', 'name: deploy\n');
    const git = (...args: string[]) => execFileSync('git', args, { cwd: copy.project, encoding: 'utf8' });
    const seen = git('status', '--porcelain', '-uall').split('\n');
    expect(seen).toContain('?? .claude/pipelines/deploy.yaml');
    expect(seen).toContain('?? .blueprint/agents/alex.md');
    expect(seen.filter((line) => /runs|worktrees|telemetry|history|-lock|\.env/.test(line))).toEqual([]);
  });

  it('changes nothing when it is run again', () => {
    copy.run('init');
    const before = copy.contents();
    const again = copy.run('init', ['--json']);
    expect(copy.contents()).toEqual(before);
    const actions = JSON.parse(again.out).files.map((file: { action: string }) => file.action);
    expect(new Set(actions)).toEqual(new Set(['unchanged']));
  });

  it('never overwrites what is there, and keeps the bytes of .env and .gitignore', () => {
    copy.write('.blueprint/agents/alex.md', 'my alex\n');
    copy.write('.env', 'TOKEN=1');
    copy.write('.gitignore', 'node_modules/\r\n.claude/runs\r\nlast');
    const done = copy.run('init');
    expect(done.out).toContain('kept yours  .blueprint/agents/alex.md');
    expect(copy.read('.blueprint/agents/alex.md')).toBe('my alex\n');
    expect(copy.read('.env').startsWith('TOKEN=1\n')).toBe(true);
    const rules = copy.read('.gitignore');
    expect(rules.startsWith('node_modules/\r\n.claude/runs\r\nlast\r\n')).toBe(true);
    expect(rules.replaceAll('\r\n', '')).not.toContain('\n');
    expect(rules.match(/^\.claude\/runs/gm)).toHaveLength(1);
    expect(rules).toContain('.claude/worktrees/');
  });

  it('adds no rule below .claude where that is ignored as a whole', () => {
    copy.write('.gitignore', '.env\n/.claude/\n.worktrees\n');
    copy.run('init');
    expect(copy.read('.gitignore')).toBe('.env\n/.claude/\n.worktrees\n');
  });

  it('with --dry-run says everything it would do, .env and .gitignore too, and writes nothing', () => {
    copy.write('.gitignore', 'node_modules/\n');
    const before = copy.contents();
    const done = copy.run('init', ['--dry-run']);
    expect(copy.contents()).toEqual(before);
    expect(done.out).toContain('would create     .blueprint/agents/alex.md');
    expect(done.out).toContain('would create     .env');
    expect(done.out).toContain('would append to  .gitignore');
    const document = JSON.parse(copy.run('init', ['--dry-run', '--json']).out);
    expect(document).toMatchObject({ directory: copy.project, version: '5.0.0', dryRun: true });
    expect(document.files).toContainEqual({ path: '.env', action: 'created' });
    expect(copy.contents()).toEqual(before);
  });

  it('points to update for files that an older version installed', () => {
    copy.run('init');
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    const done = copy.run('init');
    expect(done.out).toContain('outdated   .blueprint/agents/alex.md');
    expect(done.out).toContain('npx --no-install murmur8 update');
    expect(copy.read('.blueprint/agents/alex.md')).toBe('alex 1\n');
  });

  it('says which path stands in the way, with exit code 1', () => {
    copy.write('.blueprint', 'a file');
    const done = copy.run('init');
    expect(done.code).toBe(1);
    expect(done.err).toMatch(/^murmur8: .*\.blueprint/);
    expect(done.err).toContain('\nhint: ');
    expect(done.err).not.toContain('internal error');
  });

  it('says that it may not write into a read-only directory, and where', () => {
    const done = copy.runReadOnly('init');
    expect(done).toMatchObject({ code: 1, out: '' });
    expect(done.err).toContain(
      `murmur8: ${copy.project}/.blueprint/agents/alex.md: cannot write: permission denied`,
    );
    expect(done.err).toContain('hint: make the project writable for you');
    expect(copy.contents()).toEqual({});
  });

  it('ends with 2 and where help is on an option it does not know', () => {
    const done = copy.run('init', ['--force']);
    expect(done.code).toBe(2);
    expect(done.err).toContain('--force');
    expect(done.err).toContain('hint: murmur8 init --help');
  });

  it('works from this very package and leaves out what only our own working copy has', () => {
    const project = mkdtempSync(join(tmpdir(), 'murmur8-init-'));
    writeFileSync(join(project, 'package.json'), '{}');
    const done = spawnSync(process.execPath, [resolve('bin/murmur8.cjs'), 'init', '--json'], {
      cwd: project,
      encoding: 'utf8',
    });
    rmSync(project, { recursive: true });
    expect(done.stderr).toBe('');
    const paths: string[] = JSON.parse(done.stdout).files.map((file: { path: string }) => file.path);
    for (const skill of SKILLS) expect(paths).toContain(skill);
    for (const agent of ['alex', 'cass', 'nigel', 'codey']) {
      expect(paths).toContain(`.blueprint/agents/${agent}.md`);
    }
    expect(paths.filter((path) => path.startsWith('.blueprint/features'))).toEqual([]);
  });
});
