import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRepository } from '../../../src/edges/git/repository.ts';
import type { Checkpoint, Repository } from '../../../src/engine/ports.ts';
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
  repository = createRepository(project.root);
});

afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

async function checkpoint(name = 'run/alex/1'): Promise<Checkpoint> {
  return expectValue(await repository.checkpoint(name, 'before alex'));
}

async function changes(since: Checkpoint): Promise<Record<string, string>> {
  const found = expectValue(await repository.changesSince(since));
  return Object.fromEntries(found.map((change) => [change.path, change.kind]));
}

function filesIn(taken: Checkpoint): string[] {
  return project.git('ls-tree', '-r', '-z', '--name-only', taken.commit).split('\0').filter(Boolean);
}

describe('a checkpoint', () => {
  it('records committed, staged, changed and untracked files and leaves the user’s index, stash and tree alone', async () => {
    project.write('kept.txt', 'kept\n');
    project.write('changed.txt', 'one\n');
    project.write('gone.txt', 'gone\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    project.write('stashed.txt', 's\n');
    project.git('stash', '-qu');
    project.write('changed.txt', 'staged\n');
    project.git('add', 'changed.txt');
    project.write('changed.txt', 'newer than staged\n');
    project.write('untracked.txt', 'new\n');
    rmSync(join(project.root, 'gone.txt'));
    const before = project.userState();

    const taken = await checkpoint();

    expect(project.userState()).toEqual(before);
    expect(filesIn(taken)).toEqual(['changed.txt', 'kept.txt', 'untracked.txt']);
    expect(project.git('show', `${taken.commit}:changed.txt`)).toBe('newer than staged\n');
    expect(project.git('rev-parse', 'refs/murmur8/run/alex/1').trim()).toBe(taken.commit);
    expect(await changes(taken)).toEqual({});
    expect(project.userState()).toEqual(before);
  });

  it('works before the first commit', async () => {
    project.write('a.txt', 'a\n');
    const before = project.userState();
    const taken = await checkpoint();
    expect(filesIn(taken)).toEqual(['a.txt']);
    expect(project.userState()).toEqual(before);
    expect(expectValue(await repository.state())).toMatchObject({
      branch: 'main',
      head: null,
      dirty: ['a.txt'],
    });
  });

  it('needs no identity, ignores the wish for signatures, and runs no hook', async () => {
    project.git('config', '--unset', 'user.name');
    project.git('config', '--unset', 'user.email');
    project.git('config', 'user.useConfigOnly', 'true');
    project.git('config', 'commit.gpgsign', 'true');
    project.git('config', 'gpg.program', '/bin/false');
    project.write('.git/hooks/reference-transaction', '#!/bin/sh\nexit 1\n');
    project.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    chmodSync(join(project.root, '.git/hooks/reference-transaction'), 0o755);
    chmodSync(join(project.root, '.git/hooks/pre-commit'), 0o755);
    project.write('a.txt', 'a\n');
    const taken = await checkpoint();
    expect(project.git('show', '-s', '--format=%an %s', taken.commit).trim()).toBe('murmur8 before alex');
  });

  it('never holds state or secrets, ignored or not, tracked or not', async () => {
    project.write('.env', 'TOKEN=1\n');
    project.write('packages/api/.env', 'TOKEN=2\n');
    project.git('add', '-f', '.');
    project.git('commit', '-qm', 'a careless commit');
    project.write('.env', 'TOKEN=3\n');
    for (const path of [
      '.claude/runs/1/journal.jsonl',
      '.claude/telemetry-outbox/1.json',
      '.claude/telemetry-failed.json',
      '.claude/pipeline-history.json',
      '.claude/pipeline-history.json.lock',
      '.claude/worktrees/x/file',
      '.claude/.history-lock/owner.json',
      '.worktrees/login/src/file',
    ]) {
      project.write(path, 'state\n');
    }
    project.write('.env.example', 'TOKEN=\n');
    project.write('.claude/settings.json', '{}\n');
    const taken = await checkpoint();
    expect(filesIn(taken)).toEqual(['.claude/settings.json', '.env.example']);
    project.write('.env', 'TOKEN=4\n');
    project.write('.claude/runs/1/journal.jsonl', 'more\n');
    expect(await changes(taken)).toEqual({});
    expectValue(await repository.restore(taken, ['.env', '.claude/runs/1/journal.jsonl']));
    expect(project.text('.env')).toBe('TOKEN=4\n');
    expect(project.text('.claude/runs/1/journal.jsonl')).toBe('more\n');
    expect(expectValue(await repository.state()).dirty).toEqual(['.claude/settings.json', '.env.example']);
  });

  it('leaves ignored files out and never deletes one, even if the agent rewrote .gitignore', async () => {
    project.write('.gitignore', 'private.txt\nbuild/\n');
    project.write('private.txt', 'mine\n');
    project.write('build/out.js', '1\n');
    const taken = await checkpoint();
    expect(filesIn(taken)).toEqual(['.gitignore']);
    project.write('.gitignore', '');
    const found = await changes(taken);
    expect(found).toEqual({ '.gitignore': 'update', 'private.txt': 'create', 'build/out.js': 'create' });
    expectValue(await repository.restore(taken, Object.keys(found)));
    expect(project.text('private.txt')).toBe('mine\n');
    expect(project.text('build/out.js')).toBe('1\n');
    expect(project.text('.gitignore')).toBe('private.txt\nbuild/\n');
  });

  it('keeps the line ends as they are, whatever the repository converts', async () => {
    const mixed = 'a\r\nb\nc\r\n';
    project.write('.gitattributes', '* text=auto\n*.sh text eol=lf\n*.bat text eol=crlf\n*.c ident\n');
    project.git('config', 'core.autocrlf', 'true');
    project.git('config', 'core.safecrlf', 'true');
    project.write('clean.txt', 'one\ntwo\n');
    project.git('-c', 'core.safecrlf=false', 'add', '.');
    project.git('-c', 'core.safecrlf=false', 'commit', '-qm', 'first');
    project.write('clean.txt', 'one\r\ntwo\r\n');
    project.write('mixed.txt', mixed);
    project.write('run.sh', mixed);
    project.write('run.bat', mixed);
    project.write('ident.c', '/* $Id: 123 $ */\n');
    const paths = ['clean.txt', 'mixed.txt', 'run.sh', 'run.bat', 'ident.c'];
    const before = paths.map((path) => project.bytes(path));
    const taken = await checkpoint();
    for (const path of paths) project.write(path, 'changed by an agent\n');
    expect(await changes(taken)).toEqual(Object.fromEntries(paths.map((path) => [path, 'update'])));
    expectValue(await repository.restore(taken, paths));
    expect(paths.map((path) => project.bytes(path))).toEqual(before);
    expect(await changes(taken)).toEqual({});
  });

  it('takes names with spaces, umlauts, newlines, quotes, dashes and pathspec magic', async () => {
    const names = [
      'a b.txt',
      'ünï/çode.txt',
      'new\nline.txt',
      '-dash.txt',
      ':(top)magic',
      '*.glob',
      '"q"\\.txt',
      '--all',
    ];
    for (const name of names) project.write(name, 'one\n');
    project.write('other.glob', 'untouched\n');
    const taken = await checkpoint();
    expect(filesIn(taken).sort()).toEqual([...names, 'other.glob'].sort());
    expect([...expectValue(await repository.state()).dirty].sort()).toEqual([...names, 'other.glob'].sort());
    for (const name of names) project.write(name, 'two\n');
    project.write('other.glob', 'edited by the user\n');
    for (const name of names) expect(expectValue(await repository.show(taken, name))).toBe('one\n');
    const diff = expectValue(await repository.diff(taken, names, { stat: false, colour: false }));
    expect(diff.match(/^\+two$/gm)).toHaveLength(names.length);
    expect(diff).not.toContain('other.glob');
    expectValue(await repository.restore(taken, names));
    for (const name of names) expect(project.text(name)).toBe('one\n');
    expect(project.text('other.glob')).toBe('edited by the user\n');
  });

  it('sees a change of the same size with the old modification time', async () => {
    project.write('a.txt', 'aaaa\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    const taken = await checkpoint();
    const { atime, mtime } = statSync(join(project.root, 'a.txt'));
    project.write('a.txt', 'bbbb\n');
    utimesSync(join(project.root, 'a.txt'), atime, mtime);
    expect(await changes(taken)).toEqual({ 'a.txt': 'update' });
  });

  it('refuses a name that is no ref, and records nothing', async () => {
    expect(expectProblem(await repository.checkpoint('run/../x', 'm')).code).toBe('bad-name');
    expect(project.git('for-each-ref', 'refs/murmur8')).toBe('');
  });

  it('works in a merge with conflicts and leaves the conflict in the index', async () => {
    project.write('a.txt', 'base\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'base');
    project.git('switch', '-qc', 'side');
    project.write('a.txt', 'side\n');
    project.git('commit', '-qam', 'side');
    project.git('switch', '-q', 'main');
    project.write('a.txt', 'main\n');
    project.git('commit', '-qam', 'main');
    expect(() => project.git('merge', 'side')).toThrow();
    const before = project.userState();
    const taken = await checkpoint();
    expect(project.git('show', `${taken.commit}:a.txt`)).toContain('<<<<<<<');
    expect(project.userState()).toEqual(before);
  });

  it('records submodules and other repositories as links and passes over one without a commit', async () => {
    const library = temporaryRepository();
    library.write('lib.txt', 'lib\n');
    library.git('add', '.');
    library.git('commit', '-qm', 'lib');
    project.git('-c', 'protocol.file.allow=always', 'submodule', '-q', 'add', library.root, 'lib');
    project.git('commit', '-qm', 'with submodule');
    project.write('a.txt', 'a\n');
    project.git('init', '-q', 'fresh');
    project.write('fresh/file.txt', 'in another repository\n');
    const before = project.userState();
    const taken = await checkpoint();
    expect(project.git('ls-tree', taken.commit, 'lib')).toMatch(/^160000 commit/);
    expect(filesIn(taken)).toEqual(['.gitmodules', 'a.txt', 'lib']);
    expect(project.userState()).toEqual(before);
    expect(await changes(taken)).toEqual({});
    expectValue(await repository.restore(taken, ['lib', 'fresh']));
    expect(project.text('lib/lib.txt')).toBe('lib\n');
    expect(project.text('fresh/file.txt')).toBe('in another repository\n');
    // The same from inside the submodule, whose repository lies in the outer one.
    const inner = createRepository(join(project.root, 'lib'));
    project.write('lib/more.txt', 'more\n');
    const within = expectValue(await inner.checkpoint('run/x/1', 'm'));
    expect(expectValue(await inner.show(within, 'more.txt'))).toBe('more\n');
    expect(expectValue(await inner.state())).toMatchObject({
      root: join(project.root, 'lib'),
      mainRoot: join(project.root, 'lib'),
    });
    library.remove();
  });

  it('is taken from a linked worktree too, with a detached head', async () => {
    project.write('a.txt', 'a\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    const linked = join(project.root, 'linked tree');
    project.git('worktree', 'add', '-q', '--detach', linked);
    const other = createRepository(linked);
    expect(expectValue(await other.state())).toEqual({
      root: linked,
      mainRoot: project.root,
      branch: null,
      head: project.git('rev-parse', 'HEAD').trim(),
      dirty: [],
    });
    project.write('linked tree/b.txt', 'b\n');
    const taken = expectValue(await other.checkpoint('run/wt/1', 'm'));
    expect(filesIn(taken)).toEqual(['a.txt', 'b.txt']);
  });
});

describe('going back', () => {
  it('undoes creations, edits and deletions of the given paths only', async () => {
    project.write('edited.txt', 'old\n');
    project.write('deleted/deep.txt', 'deep\n');
    project.write('user.txt', 'old\n');
    const taken = await checkpoint();
    project.write('edited.txt', 'new\n');
    rmSync(join(project.root, 'deleted'), { recursive: true });
    project.write('made/by/agent.txt', 'x\n');
    project.write('user.txt', 'the user goes on working\n');
    expect(await changes(taken)).toEqual({
      'edited.txt': 'update',
      'deleted/deep.txt': 'delete',
      'made/by/agent.txt': 'create',
      'user.txt': 'update',
    });
    expectValue(await repository.restore(taken, ['edited.txt', 'deleted/deep.txt', 'made/by/agent.txt']));
    expect(await changes(taken)).toEqual({ 'user.txt': 'update' });
    expect(() => lstatSync(join(project.root, 'made'))).toThrow();
  });

  it('brings back executable bits and symbolic links without following them', async () => {
    const outside = temporaryRepository();
    outside.write('victim.txt', 'precious\n');
    project.write('run.sh', '#!/bin/sh\n');
    chmodSync(join(project.root, 'run.sh'), 0o755);
    symlinkSync('run.sh', join(project.root, 'link'));
    project.write('dir/victim.txt', 'inside\n');
    const taken = await checkpoint();
    chmodSync(join(project.root, 'run.sh'), 0o644);
    rmSync(join(project.root, 'link'));
    project.write('link', 'now a file\n');
    rmSync(join(project.root, 'dir'), { recursive: true });
    symlinkSync(outside.root, join(project.root, 'dir'));
    const found = await changes(taken);
    expect(found).toEqual({ 'run.sh': 'update', link: 'update', dir: 'create', 'dir/victim.txt': 'delete' });
    expectValue(await repository.diff(taken, Object.keys(found), { stat: true, colour: false }));
    expectValue(await repository.restore(taken, Object.keys(found)));
    expect(statSync(join(project.root, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(project.root, 'link'))).toBe('run.sh');
    expect(project.text('dir/victim.txt')).toBe('inside\n');
    expect(lstatSync(join(project.root, 'dir')).isDirectory()).toBe(true);
    expect(outside.text('victim.txt')).toBe('precious\n');
    outside.remove();
  });

  it('turns a directory back into the file it was, but not over files that were not named', async () => {
    project.write('thing', 'file\n');
    const taken = await checkpoint();
    rmSync(join(project.root, 'thing'));
    project.write('thing/inside.txt', 'x\n');
    expect(expectProblem(await repository.restore(taken, ['thing'])).code).toBe('path-occupied');
    expect(project.text('thing/inside.txt')).toBe('x\n');
    expectValue(await repository.restore(taken, ['thing', 'thing/inside.txt']));
    expect(project.text('thing')).toBe('file\n');
  });

  it('refuses paths that leave the project or reach into git', async () => {
    const taken = await checkpoint();
    for (const path of ['../x', '/etc/passwd', 'a/../../x', '.git/config', 'sub/.GIT/config', '']) {
      expect(expectProblem(await repository.restore(taken, [path])).code).toBe('path-outside');
    }
  });

  it('takes back commits that an agent made by itself and keeps its files', async () => {
    project.write('a.txt', 'a\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    const head = expectValue(await repository.state()).head;
    const taken = await checkpoint();
    const before = { head, branch: 'refs/heads/main' };
    expect(taken).toMatchObject(before);
    project.write('a.txt', 'agent\n');
    project.write('b.txt', 'agent\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'the agent was not asked to');
    expect(await changes(taken)).toEqual({ 'a.txt': 'update', 'b.txt': 'create' });
    expectValue(await repository.moveHeadBack(before));
    expect(expectValue(await repository.state())).toMatchObject({
      branch: 'main',
      head,
      dirty: ['a.txt', 'b.txt'],
    });
    expect(project.text('a.txt')).toBe('agent\n');
  });

  it('checks out the branch again that an agent left, and leaves the one it went to as it is', async () => {
    project.write('a.txt', 'a\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    project.git('checkout', '-qb', 'release');
    project.git('commit', '-qm', 'of the user', '--allow-empty');
    const release = project.git('rev-parse', 'release');
    for (const start of ['main', '--detach main']) {
      project.git('checkout', '-q', ...start.split(' '));
      const taken = expectValue(await repository.checkpoint('before', ''));
      project.git('checkout', '-q', 'release');
      project.write('b.txt', 'agent\n');
      expect(expectValue(await repository.lookSince(taken))).toMatchObject({ branch: 'refs/heads/release' });
      expectValue(await repository.moveHeadBack(taken));
      const { head, branch } = expectValue(await repository.state());
      expect({ head, branch }).toEqual({ head: taken.head, branch: start === 'main' ? 'main' : null });
      expect(project.git('rev-parse', 'release')).toBe(release);
      expect(project.text('b.txt')).toBe('agent\n');
    }
  });

  it('takes back the first commit of all', async () => {
    project.write('a.txt', 'agent\n');
    project.git('add', '.');
    project.git('commit', '-qm', 'first');
    expectValue(await repository.moveHeadBack({ head: null, branch: 'refs/heads/main' }));
    expect(expectValue(await repository.state())).toMatchObject({
      branch: 'main',
      head: null,
      dirty: ['a.txt'],
    });
    expectValue(await repository.moveHeadBack({ head: null, branch: 'refs/heads/main' }));
  });
});

describe('looking', () => {
  it('shows a file of the checkpoint, nothing for one that was not there or is a directory', async () => {
    project.write('dir/a.txt', 'grüße\n');
    const taken = await checkpoint();
    rmSync(join(project.root, 'dir'), { recursive: true });
    expect(expectValue(await repository.show(taken, 'dir/a.txt'))).toBe('grüße\n');
    expect(expectValue(await repository.show(taken, 'dir'))).toBeUndefined();
    expect(expectValue(await repository.show(taken, 'none.txt'))).toBeUndefined();
  });

  it('draws differences with and without colour, as summary and in full, of deleted and new files too', async () => {
    project.write('a.txt', 'old\n');
    project.write('gone.txt', 'gone\n');
    const taken = await checkpoint();
    project.git('config', 'diff.external', '/bin/false');
    project.write('a.txt', 'new\n');
    project.write('made.txt', 'made\n');
    rmSync(join(project.root, 'gone.txt'));
    const paths = ['a.txt', 'gone.txt', 'made.txt'];
    const plain = expectValue(await repository.diff(taken, paths, { stat: false, colour: false }));
    expect(plain).toContain('-old\n+new\n');
    expect(plain).toContain('deleted file');
    expect(plain).toContain('new file');
    expect(expectValue(await repository.diff(taken, paths, { stat: false, colour: true }))).toContain(
      '\u001b[',
    );
    expect(expectValue(await repository.diff(taken, paths, { stat: true, colour: false }))).toMatch(
      /3 files changed/,
    );
    expect(expectValue(await repository.diff(taken, [], { stat: true, colour: false }))).toBe('');
  });

  it('says what is missing where there is no repository, and finds one made later', async () => {
    const directory = join(project.root, 'outside');
    mkdirSync(directory);
    vi.stubEnv('GIT_CEILING_DIRECTORIES', project.root);
    const outside = createRepository(directory);
    expect(expectProblem(await outside.state())).toMatchObject({ code: 'no-git', hint: 'git init' });
    expect(expectProblem(await outside.checkpoint('a/b/1', 'm')).code).toBe('no-git');
    project.git('init', '-q', 'outside');
    expect(expectValue(await outside.checkpoint('a/b/1', 'm')).commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it('says so when git is not installed', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(expectProblem(await repository.state()).code).toBe('git-missing');
  });

  it('is not led astray by the environment of a hook', async () => {
    const other = temporaryRepository();
    vi.stubEnv('GIT_DIR', join(other.root, '.git'));
    vi.stubEnv('GIT_INDEX_FILE', join(other.root, 'index'));
    vi.stubEnv('GIT_WORK_TREE', other.root);
    vi.stubEnv('GIT_LITERAL_PATHSPECS', '1');
    project.write('a.txt', 'a\n');
    expect(expectValue(await repository.state()).root).toBe(project.root);
    const taken = await checkpoint();
    vi.unstubAllEnvs();
    expect(filesIn(taken)).toEqual(['a.txt']);
    expect(other.git('for-each-ref')).toBe('');
    other.remove();
  });
});
