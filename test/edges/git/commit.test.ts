import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withoutCredentials } from '../../../src/edges/git/identity.ts';
import { createRepository } from '../../../src/edges/git/repository.ts';
import type { Repository } from '../../../src/engine/ports.ts';
import {
  expectProblem,
  expectValue,
  type TemporaryRepository,
  temporaryRepository,
} from './temporary-repository.ts';

let project: TemporaryRepository;
let repository: Repository;

beforeEach(() => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  project = temporaryRepository();
  project.write('kept.txt', 'kept\n');
  project.write('gone.txt', 'gone\n');
  project.git('add', '.');
  project.git('commit', '-qm', 'first');
  repository = createRepository(project.root);
});

afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

function filesOfHead(): string[] {
  return project.git('show', '--name-status', '--format=', '-z', 'HEAD').split('\0').filter(Boolean);
}

function hook(name: string, script: string): void {
  project.write(`.git/hooks/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(project.root, '.git/hooks', name), 0o755);
}

describe('a commit', () => {
  it('holds exactly the given files, new, changed and deleted, and what else is staged stays staged', async () => {
    project.write('staged.txt', 'the user staged this\n');
    project.git('add', 'staged.txt');
    project.write('untracked.txt', 'left alone\n');
    project.write('kept.txt', 'changed\n');
    project.write('-new file.txt', 'new\n');
    rmSync(join(project.root, 'gone.txt'));
    const made = expectValue(
      await repository.commit(['kept.txt', '-new file.txt', 'gone.txt', 'never.txt'], '#12 subject\n\nbody'),
    );
    expect(project.git('rev-parse', 'HEAD').trim()).toBe(made.commit);
    expect(filesOfHead()).toEqual(['A', '-new file.txt', 'D', 'gone.txt', 'M', 'kept.txt']);
    expect(project.git('show', '-s', '--format=%B', 'HEAD').trim()).toBe('#12 subject\n\nbody');
    expect(project.git('status', '--porcelain')).toBe('A  staged.txt\n?? untracked.txt\n');
  });

  it('can be the first one', async () => {
    const fresh = temporaryRepository();
    fresh.write('a.txt', 'a\n');
    fresh.write('b.txt', 'b\n');
    fresh.git('add', 'b.txt');
    expectValue(await createRepository(fresh.root).commit(['a.txt'], 'first'));
    expect(fresh.git('ls-tree', '--name-only', 'HEAD')).toBe('a.txt\n');
    expect(fresh.git('status', '--porcelain')).toBe('A  b.txt\n');
    fresh.remove();
  });

  it('takes a file that was removed from the index as well', async () => {
    project.git('rm', '-q', 'gone.txt');
    expectValue(await repository.commit(['gone.txt'], 'remove'));
    expect(filesOfHead()).toEqual(['D', 'gone.txt']);
  });

  it('takes a name that looks like a pattern for that one file', async () => {
    project.write('*.txt', 'star\n');
    project.write('kept.txt', 'changed by the user\n');
    expectValue(await repository.commit(['*.txt'], 'star'));
    expect(filesOfHead()).toEqual(['A', '*.txt']);
  });

  it('leaves out ignored and private files, and says when nothing is left', async () => {
    project.write('.gitignore', 'secret.txt\n');
    project.write('secret.txt', 's\n');
    project.write('.env', 'TOKEN=1\n');
    project.write('.claude/runs/1/state.json', '{}\n');
    const paths = ['secret.txt', '.env', '.claude/runs/1/state.json', 'kept.txt'];
    expect(expectProblem(await repository.commit(paths, 'x')).code).toBe('nothing-to-commit');
    expectValue(await repository.commit([...paths, '.gitignore'], 'x'));
    expect(filesOfHead()).toEqual(['A', '.gitignore']);
  });

  it('runs the user’s hooks', async () => {
    hook('pre-commit', 'git diff --cached --name-only > "$(git rev-parse --git-dir)/seen"');
    project.write('staged.txt', 'not part of it\n');
    project.git('add', 'staged.txt');
    project.write('kept.txt', 'changed\n');
    expectValue(await repository.commit(['kept.txt'], 'x'));
    expect(project.text('.git/seen')).toBe('kept.txt\n');
  });

  it('that a hook refuses leaves everything in place and carries what the hook said', async () => {
    hook('pre-commit', 'echo "lint: 3 errors in made.txt"; exit 1');
    project.write('made.txt', 'new\n');
    project.write('kept.txt', 'changed\n');
    const before = project.git('status', '--porcelain');
    const problem = expectProblem(await repository.commit(['made.txt', 'kept.txt'], 'x'));
    expect(problem.code).toBe('commit-refused');
    expect(problem.message).toContain('lint: 3 errors in made.txt');
    expect(project.git('status', '--porcelain')).toBe(before);
  });

  it('without an identity says how to set one', async () => {
    project.git('config', '--unset', 'user.name');
    project.git('config', '--unset', 'user.email');
    project.git('config', 'user.useConfigOnly', 'true');
    project.write('kept.txt', 'changed\n');
    const problem = expectProblem(await repository.commit(['kept.txt'], 'x'));
    expect(problem.code).toBe('no-identity');
    expect(problem.hint).toContain('git config --global user.name');
  });
});

describe('identity', () => {
  it('gives name, address and remote without what would log in there', async () => {
    project.git('remote', 'add', 'upstream', 'https://ada:ghp_secret@example.com/x/y.git?token=abc');
    expect(await repository.identity()).toEqual({
      name: 'Ada Tester',
      email: 'ada@example.com',
      remoteUrl: 'https://example.com/x/y.git',
    });
    project.git('remote', 'add', 'origin', 'git@example.com:x/y.git');
    expect((await repository.identity()).remoteUrl).toBe('git@example.com:x/y.git');
  });

  it.each([
    ['https://token@example.com/x', 'https://example.com/x'],
    ['https://u:p%40@example.com:8443/x#f', 'https://example.com:8443/x'],
    ['https://u:p@w@example.com/x', 'https://example.com/x'],
    ['ssh://git:pw@example.com:22/x', 'ssh://git@example.com:22/x'],
    ['file:///srv/x.git', 'file:///srv/x.git'],
    ['/srv/x.git', '/srv/x.git'],
  ])('cleans %s', (url, cleaned) => {
    expect(withoutCredentials(url)).toBe(cleaned);
  });

  it('is empty where nothing is known', async () => {
    const fresh = temporaryRepository({ identity: false });
    expect(await createRepository(fresh.root).identity()).toEqual({});
    fresh.remove();
  });
});
