import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ended, MACHINE, murmur8 } from '../rig/cli.ts';
import { createProject, type ProjectOptions, type TestProject } from '../rig/project.ts';

const projects: TestProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(options: ProjectOptions = {}): TestProject {
  const project = createProject(options);
  projects.push(project);
  return project;
}

function implement(project: TestProject, ...args: string[]): Promise<Ended> {
  return murmur8(
    ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline', ...args],
    {
      cwd: project.root,
    },
  );
}

const PAUSE = ['--pause-after', 'alex'] as const;

describe('a slug', () => {
  test.each([
    ['leaves the directory', '../x'],
    ['means something to a shell', 'a$(touch y)'],
    ['has 5,000 characters', 'a'.repeat(5_000)],
    ['holds a new line', 'a\nb'],
    ['holds escape codes', 'a\u001b[31mb'],
    ['is an absolute path', '/etc/passwd'],
    ['is empty', ''],
    ['holds quotes', `a'"b`],
    ['holds letters of other scripts', 'grüße'],
  ])('that %s is refused with exit 2 before anything is written', async (_title, slug) => {
    const project = aProject();
    const before = readdirSync(project.root);
    const ended = await murmur8(
      ['implement-feature', slug, '--brief', project.brief, '--runner', 'offline'],
      { cwd: project.root },
    );
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('hint: ');
    expect(ended.stderr).not.toContain('\u001b');
    expect(ended.stderr.length).toBeLessThan(1_000);
    expect(readdirSync(project.root)).toEqual(before);
    expect(project.git('for-each-ref', 'refs/murmur8')).toBe('');
  });
});

describe('a brief', () => {
  test.each<[string, (path: string) => void]>([
    ['is missing', () => {}],
    ['is empty', (path) => writeFileSync(path, ' \n')],
    ['is binary', (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]))],
    ['is not UTF-8', (path) => writeFileSync(path, Buffer.from('Gr\xfc\xdfe an alle', 'latin1'))],
    ['has 50 MB', (path) => writeFileSync(path, Buffer.alloc(50 << 20, 'x'))],
    ['is a directory', (path) => mkdirSync(path)],
  ])('that %s is refused by name with exit 2, and nothing begins', async (_title, make) => {
    const project = aProject();
    const path = join(project.root, '..', 'bad-brief.md');
    make(path);
    const ended = await murmur8(['implement-feature', 'greeting', '--brief', path, '--runner', 'offline'], {
      cwd: project.root,
    });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('bad-brief.md');
    expect(ended.stderr).toContain('hint: ');
    expect(project.runs()).toEqual([]);
    expect(project.has('.blueprint')).toBe(false);
  });
});

describe('a repository', () => {
  test('that is none is refused with exit 2 and the way to one', async () => {
    const project = aProject({ git: false });
    const ended = await implement(project);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('git init');
    expect(readdirSync(project.root)).toEqual([]);
  });

  test('without any commit gets its first one', async () => {
    const project = aProject({ commit: false });
    expect((await implement(project)).code).toBe(0);
    expect(project.git('rev-list', '--count', 'HEAD').trim()).toBe('1');
    expect(project.committed()).toContain('src/greeting.js');
  });

  test('with a detached HEAD is refused with the hint --worktree, and works with it', async () => {
    const project = aProject();
    project.git('checkout', '-q', '--detach');
    const refused = await implement(project);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--worktree');
    expect(project.runs()).toEqual([]);
    expect((await implement(project, '--worktree')).code).toBe(0);
    expect(project.git('log', '-1', '--format=%s', 'feature/greeting')).toContain('feat(greeting)');
  });

  test('with a submodule is left with it as it was', async () => {
    const library = aProject();
    const project = aProject();
    project.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library.root, 'library');
    project.git('commit', '-q', '-m', 'library');
    project.write('library/README.md', 'changed within\n');
    expect((await implement(project)).code).toBe(0);
    expect(project.read('library/README.md')).toBe('changed within\n');
    expect(project.committed()).not.toContain('library');
  });

  test('that is a submodule itself works', async () => {
    const library = aProject();
    const project = aProject();
    project.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library.root, 'library');
    project.git('-C', 'library', 'config', 'user.name', 'Ada');
    project.git('-C', 'library', 'config', 'user.email', 'ada@example.com');
    const ended = await murmur8(
      ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline', ...PAUSE],
      { cwd: project.path('library') },
    );
    expect(ended.code).toBe(3);
    expect(project.has('library/.claude/pipeline-history.json')).toBe(true);
  });

  test('with CRLF files keeps them byte for byte', async () => {
    const project = aProject();
    project.git('config', 'core.autocrlf', 'true');
    project.write('windows.txt', 'one\r\ntwo\r\n');
    project.git('add', '-A');
    project.git('commit', '-q', '-m', 'windows');
    project.write('windows.txt', 'one\r\ntwo\r\nthree\r\n');
    expect((await implement(project)).code).toBe(0);
    expect(project.read('windows.txt')).toBe('one\r\ntwo\r\nthree\r\n');
    expect(project.committed()).not.toContain('windows.txt');
  });

  test('with CRLF in the brief gives the same stories', async () => {
    const project = aProject();
    writeFileSync(project.brief, readFileSync(project.brief, 'utf8').replaceAll('\n', '\r\n'));
    expect((await implement(project)).code).toBe(0);
    expect(project.has('.blueprint/features/feature_greeting/story-greeting-by-name.md')).toBe(true);
  });

  test('in a path with spaces, quotes and unicode works like any other', async () => {
    const project = aProject({ name: `my "größtes" pro'ject $(x) 日本` });
    expect((await implement(project)).code).toBe(0);
    expect(project.uncommitted()).toEqual([]);
    expect(project.history()).toMatchObject([{ status: 'success' }]);
  });

  function withoutIdentity(): TestProject {
    const project = aProject();
    project.git('config', '--unset', 'user.name');
    project.git('config', '--unset', 'user.email');
    project.git('config', 'user.useConfigOnly', 'true');
    return project;
  }

  test('without a git identity is told before anything is paid for, unless nothing is to be committed', async () => {
    const project = withoutIdentity();
    const ended = await implement(project);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('user.name');
    expect(project.runs()).toEqual([]);
    expect((await implement(project, '--no-commit')).code).toBe(0);
  });

  test('that loses its git identity meanwhile: the commit fails by name, nothing is lost, and the run goes on later', async () => {
    const project = withoutIdentity();
    const ended = await implement(project, '--no-validate');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('user.name');
    expect(ended.stderr).toContain('DEP_GIT_FAIL');
    expect(project.has('src/greeting.js')).toBe(true);
    project.git('config', 'user.name', 'Ada');
    project.git('config', 'user.email', 'ada@example.com');
    expect((await implement(project)).code).toBe(0);
    expect(project.committed()).toContain('src/greeting.js');
  });

  test('whose hook refuses the commit: what it said is shown, everything stays in place', async () => {
    const project = aProject();
    project.write('.git/hooks/pre-commit', '#!/bin/sh\necho no commits on a Saturday >&2\nexit 1\n');
    chmodSync(project.path('.git/hooks/pre-commit'), 0o755);
    const head = project.git('rev-parse', 'HEAD');
    const ended = await implement(project);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('no commits on a Saturday');
    expect(project.git('rev-parse', 'HEAD')).toBe(head);
    expect(project.has('src/greeting.js')).toBe(true);
    expect(project.history()).toMatchObject([{ status: 'failed', failedStage: null }]);
  });
});

describe('a runner', () => {
  test.each([
    ['has an unknown name', 'gpt-shell'],
    ['is a program that is not there', 'command:no-such-agent-program --x'],
    ['is an empty command', 'command:'],
  ])('that %s is refused with exit 2 before the run begins', async (_title, runner) => {
    const project = aProject();
    const ended = await murmur8(
      ['implement-feature', 'greeting', '--brief', project.brief, '--runner', runner],
      { cwd: project.root },
    );
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('hint: ');
    expect(project.runs()).toEqual([]);
  });

  test('that cannot be found on PATH is refused the same way: claude', async () => {
    const project = aProject();
    const ended = await murmur8(
      ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'claude'],
      { cwd: project.root, env: { PATH: '/usr/bin:/bin' } },
    );
    expect([1, 2]).toContain(ended.code);
    expect(ended.stderr).toContain('hint: ');
    expect(project.runs()).toEqual([]);
  });
});

describe('state', () => {
  test('where .claude cannot be written is kept in the user’s own directory, with one warning', async () => {
    const project = aProject();
    project.write('.claude/runs', 'a file where the directory should be\n');
    const ended = await implement(project);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr.match(/warning/g)).toHaveLength(1);
    expect(ended.stderr).toContain(`${MACHINE['XDG_STATE_HOME']}/murmur8/`);
    expect(project.read('.claude/runs')).toBe('a file where the directory should be\n');
    const again = await implement(project);
    expect(again.code).toBe(7);
  });

  async function paused() {
    const project = aProject();
    await implement(project, ...PAUSE);
    const directory = `.claude/runs/${project.runs()[0]}`;
    return { project, journal: `${directory}/journal.jsonl`, status: `${directory}/state.json` };
  }

  test.each([
    ['damaged', '{"v":1,"exec'],
    ['empty', ''],
    ['of another kind', '[]'],
  ])('a %s status document is made again from the journal: the run goes on', async (_title, text) => {
    const { project, status } = await paused();
    project.write(status, text);
    const ended = await implement(project);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('continuing run');
    expect(project.runs()).toHaveLength(1);
  });

  test('a damaged line of the journal is named by file and line, and left as it is', async () => {
    const { project, journal } = await paused();
    const lines = project.read(journal).split('\n');
    lines[3] = '{"v":1,"seq":4,';
    project.write(journal, lines.join('\n'));
    const ended = await implement(project);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('journal.jsonl:4');
    expect(ended.stderr).toContain('--restart');
    expect(project.read(journal)).toBe(lines.join('\n'));
    const anew = await implement(project, '--restart');
    expect(anew.code).toBe(0);
    expect(project.read(journal)).toBe(lines.join('\n'));
  });

  test('a torn last line of the journal was never acted upon: it is cut, and the run goes on', async () => {
    const { project, journal } = await paused();
    project.write(journal, `${project.read(journal)}{"v":1,"seq":99,"epo`);
    expect((await implement(project)).code).toBe(0);
    expect(project.journal().at(-1)?.type).toBe('history.recorded');
  });

  test('a journal of a newer version is not touched: update is the next step', async () => {
    const { project, journal } = await paused();
    const text = project.read(journal).replace('{"v":1,', '{"v":2,');
    project.write(journal, text);
    const ended = await implement(project);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('newer version');
    expect(ended.stderr).toContain('update murmur8');
    expect(project.read(journal)).toBe(text);
  });

  test('a status document of a newer version is not overwritten', async () => {
    const { project, status } = await paused();
    const text = project.read(status).replace('{"v":1,', '{"v":2,');
    project.write(status, text);
    const ended = await implement(project);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('state.json');
    expect(project.read(status)).toBe(text);
  });

  test.each(['retry', 'feedback', 'cost', 'stack'])(
    'a damaged %s-config.json is reported and not overwritten',
    async (kind) => {
      const project = aProject();
      project.write(`.claude/${kind}-config.json`, '{"version": 1,');
      const ended = await implement(project);
      expect(ended.code).not.toBe(0);
      expect(ended.stderr).toContain(`${kind}-config.json`);
      expect(project.read(`.claude/${kind}-config.json`)).toBe('{"version": 1,');
      expect(project.runs()).toEqual([]);
    },
  );
});

test.each([
  ['an unknown option', ['--colour']],
  ['an unknown stage', ['--pause-after', 'bob']],
  ['the last stage as a pause', ['--pause-after', 'codey-implement']],
  ['a duration without unit', ['--stage-timeout', '30']],
  ['a negative limit', ['--max-attempts', '-1']],
  ['two forms of output', ['--json', '--events']],
  ['both story options', ['--with-stories', '--skip-stories']],
])('%s is refused with exit 2 and nothing begins', async (_title, args) => {
  const project = aProject();
  const ended = await implement(project, ...args);
  expect(ended.code).toBe(2);
  expect(ended.stderr).not.toBe('');
  expect(project.runs()).toEqual([]);
});
