import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pruneCheckpoints } from '../../../src/edges/git/prune.ts';
import { createRepository } from '../../../src/edges/git/repository.ts';
import { addWorktree, removeWorktreeIfMergedAndClean } from '../../../src/edges/git/worktree.ts';
import {
  expectProblem,
  expectValue,
  type TemporaryRepository,
  temporaryRepository,
} from './temporary-repository.ts';

let project: TemporaryRepository;

beforeEach(() => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  project = temporaryRepository();
});

afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

function firstCommit(): void {
  project.write('.gitignore', 'node_modules/\n');
  project.git('add', '.');
  project.git('commit', '-qm', 'first');
}

const inside = (path: string) => `.worktrees/login/${path}`;

describe('a feature worktree', () => {
  it('stands on its own branch, and asking again takes up the same one', async () => {
    firstCommit();
    const made = expectValue(await addWorktree(project.root, 'login'));
    expect(made).toEqual({
      path: join(project.root, '.worktrees/login'),
      branch: 'feature/login',
      created: true,
    });
    expect(expectValue(await createRepository(made.path).state())).toMatchObject({
      root: made.path,
      mainRoot: project.root,
      branch: 'feature/login',
    });
    expect(project.git('status', '--porcelain')).toBe('');
    expect(expectValue(await addWorktree(project.root, 'login')).created).toBe(false);
  });

  it('is ignored without a change of the project: by one line of its own, or by the rule that is there', async () => {
    firstCommit();
    const rules = () => readFileSync(join(project.root, '.git/info/exclude'), 'utf8');
    writeFileSync(join(project.root, '.git/info/exclude'), 'mine.txt');
    expectValue(await addWorktree(project.root, 'login'));
    expectValue(await addWorktree(project.root, 'logout'));
    expect(rules()).toBe('mine.txt\n/.worktrees/\n');
    expect(project.git('status', '--porcelain')).toBe('');
    rmSync(join(project.root, '.git/info'), { recursive: true });
    expectValue(await addWorktree(project.root, 'third'));
    expect(rules()).toBe('/.worktrees/\n');
    project.write('.gitignore', '.worktrees\n');
    rmSync(join(project.root, '.git/info/exclude'));
    expectValue(await addWorktree(project.root, 'fourth'));
    expect(existsSync(join(project.root, '.git/info/exclude'))).toBe(false);
  });

  it('holds files that agents may write: nothing of it lies below .claude', async () => {
    firstCommit();
    const { path } = expectValue(await addWorktree(project.root, 'login'));
    expect(path.slice(project.root.length).split('/')).not.toContain('.claude');
  });

  it('comes back with its branch when its directory was deleted', async () => {
    firstCommit();
    const made = expectValue(await addWorktree(project.root, 'login'));
    project.write(inside('a.txt'), 'a\n');
    expectValue(await createRepository(made.path).commit(['a.txt'], 'work'));
    rmSync(made.path, { recursive: true });
    expect(expectValue(await addWorktree(project.root, 'login')).created).toBe(true);
    expect(project.text(inside('a.txt'))).toBe('a\n');
  });

  it('is refused before the first commit, for a bad slug, and over files that are there', async () => {
    expect(expectProblem(await addWorktree(project.root, 'login')).code).toBe('no-commit');
    expect(expectProblem(await addWorktree(project.root, '../evil')).code).toBe('bad-slug');
    firstCommit();
    project.write(inside('mine.txt'), 'mine\n');
    expect(expectProblem(await addWorktree(project.root, 'login')).code).toBe('git-failed');
    expect(project.text(inside('mine.txt'))).toBe('mine\n');
  });
});

describe('removing a feature worktree', () => {
  it('happens once it is merged and clean, branch included', async () => {
    firstCommit();
    const made = expectValue(await addWorktree(project.root, 'login'));
    project.write(inside('a.txt'), 'a\n');
    expectValue(await createRepository(made.path).commit(['a.txt'], 'work'));
    expect(expectValue(await removeWorktreeIfMergedAndClean(project.root, 'login'))).toEqual({
      removed: false,
      reason: 'feature/login is not merged',
    });
    expect(existsSync(made.path)).toBe(true);
    project.git('merge', '-q', 'feature/login');
    expect(expectValue(await removeWorktreeIfMergedAndClean(project.root, 'login'))).toEqual({
      removed: true,
      branchDeleted: true,
    });
    expect(existsSync(made.path)).toBe(false);
    expect(project.git('branch', '--format=%(refname:short)')).toBe('main\n');
  });

  it('does not happen while a file is changed or untracked, or the head is elsewhere', async () => {
    firstCommit();
    const made = expectValue(await addWorktree(project.root, 'login'));
    project.write(inside('new.txt'), 'not committed\n');
    expect(expectValue(await removeWorktreeIfMergedAndClean(project.root, 'login'))).toMatchObject({
      removed: false,
    });
    expect(project.text(inside('new.txt'))).toBe('not committed\n');
    rmSync(join(made.path, 'new.txt'));
    project.git('-C', made.path, 'switch', '-q', '--detach');
    project.git('-C', made.path, 'commit', '-q', '--allow-empty', '-m', 'work on no branch');
    expect(expectValue(await removeWorktreeIfMergedAndClean(project.root, 'login'))).toMatchObject({
      removed: false,
    });
    expect(existsSync(made.path)).toBe(true);
    expect(expectValue(await removeWorktreeIfMergedAndClean(project.root, 'none'))).toMatchObject({
      removed: false,
    });
  });
});

describe('pruning checkpoints', () => {
  it('deletes the refs of old finished runs and keeps the young and the named', async () => {
    project.write('a.txt', 'a\n');
    const repository = createRepository(project.root);
    for (const name of ['done/alex/1', 'done/alex/2', 'open/alex/1'])
      expectValue(await repository.checkpoint(name, 'm'));
    const now = Date.now();
    const keepRunIds = ['open'];
    const refs = () => project.git('for-each-ref', '--format=%(refname)', 'refs/murmur8').trim().split('\n');
    expect(
      expectValue(await pruneCheckpoints(project.root, { olderThanDays: 30, keepRunIds, now })).refs,
    ).toBe(0);
    const later = now + 31 * 24 * 3_600_000;
    expect(
      expectValue(await pruneCheckpoints(project.root, { olderThanDays: 30, keepRunIds, now: later })),
    ).toEqual({
      refs: 2,
      runIds: ['done'],
    });
    expect(refs()).toEqual(['refs/murmur8/open/alex/1']);
  });
});
