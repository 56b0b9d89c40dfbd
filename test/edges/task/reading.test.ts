import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { findTask } from '../../../src/edges/task/find-task.ts';
import { readHead } from '../../../src/edges/task/head.ts';
import { listTasks } from '../../../src/edges/task/list-tasks.ts';
import { readTaskFile } from '../../../src/edges/task/read-task.ts';
import { listTaskFiles } from '../../../src/edges/task/task-files.ts';
import { findTasksRoot } from '../../../src/edges/task/tasks-root.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-tasks-'));
const root = join(base, 'project');
const isRoot = process.getuid?.() === 0;

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'tasks'), { recursive: true });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): string {
  const file = join(root, 'tasks', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const text = (id: string, more = ''): string =>
  `---\nid: ${id}\ntitle: T\nkind: task\nstate: ready\n${more}---\nbody of ${id}\n`;
const shownOf = (files: readonly { readonly shown: string }[]) => files.map(({ shown }) => shown);
const idsIn = () => listTasks(root).tasks.map(({ meta }) => meta.id);

describe('the root of tasks', () => {
  test('is found upwards, from any depth', () => {
    const deep = join(root, 'src', 'a', 'b');
    mkdirSync(deep, { recursive: true });
    expect(findTasksRoot(deep)).toBe(root);
    expect(findTasksRoot(root)).toBe(root);
    expect(findTasksRoot(join(root, 'tasks', '10-ready'))).toBe(root);
  });

  test('is the nearest', () => {
    const inner = join(root, 'packages', 'one');
    mkdirSync(join(inner, 'tasks'), { recursive: true });
    expect(findTasksRoot(join(inner, 'src'))).toBe(inner);
  });

  test('is not looked for beyond the repository, and a file called tasks is none', () => {
    const repository = join(root, 'vendor', 'other');
    mkdirSync(join(repository, '.git'), { recursive: true });
    expect(findTasksRoot(repository)).toBeUndefined();
    writeFileSync(join(repository, 'tasks'), '');
    expect(findTasksRoot(repository)).toBeUndefined();
  });
});

describe('the files of tasks', () => {
  test('are all *.md one level below any directory, in order', () => {
    for (const path of ['30-done/b.md', '10-ready/z.md', '10-ready/a.md', 'my own/x y.md', '10-ready/10.md'])
      put(path, '');
    for (const path of [
      'top.md',
      '10-ready/deep/er.md',
      '10-ready/.hidden.md',
      '.lock/a.md',
      '10-ready/a.txt',
    ])
      put(path, '');
    mkdirSync(join(root, 'tasks/10-ready/directory.md'));
    expect(shownOf(listTaskFiles(root).files)).toEqual([
      'tasks/10-ready/10.md',
      'tasks/10-ready/a.md',
      'tasks/10-ready/z.md',
      'tasks/30-done/b.md',
      'tasks/my own/x y.md',
    ]);
    expect(listTaskFiles(root).problems).toEqual([]);
  });

  test('are what links lead to; a loop and a link to nothing are problems that stop nothing', () => {
    put('10-ready/task-a.md', text('a'));
    const elsewhere = join(base, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'task-b.md'), text('b'));
    symlinkSync(elsewhere, join(root, 'tasks/20-linked'));
    symlinkSync('loop', join(root, 'tasks/loop'));
    symlinkSync('../../tasks', join(root, 'tasks/10-ready/up.md'));
    symlinkSync('self.md', join(root, 'tasks/10-ready/self.md'));
    symlinkSync('nowhere', join(root, 'tasks/10-ready/gone.md'));
    symlinkSync('.', join(root, 'tasks/again'));
    expect(idsIn()).toEqual(['a', 'b']);
    expect(listTasks(root).problems.map(({ message }) => /ELOOP|ENOENT/.exec(message)?.[0])).toEqual([
      'ELOOP',
      'ENOENT',
      'ELOOP',
    ]);
  });

  test('are none where there is no directory', () => {
    expect(listTaskFiles(join(base, 'nothing'))).toEqual({ files: [], problems: [] });
  });

  test('are passed over where they are pipes', () => {
    mkdirSync(join(root, 'tasks/10-ready'));
    execFileSync('mkfifo', [join(root, 'tasks/10-ready/task-pipe.md')]);
    put('10-ready/task-a.md', text('a'));
    expect(idsIn()).toEqual(['a']);
    const pipe = join(root, 'tasks/10-ready/task-pipe.md');
    expect(readHead(pipe, 'pipe').ok).toBe(false);
    expect(readTaskFile({ path: pipe, shown: 'pipe' }).problems).toHaveLength(1);
  });

  test.skipIf(isRoot)('that may not be read are problems', () => {
    chmodSync(put('10-ready/task-a.md', text('a')), 0);
    put('10-ready/task-b.md', text('b'));
    expect(idsIn()).toEqual(['b']);
    expect(listTasks(root).unreadable[0]?.task.problems[0]?.message).toContain('EACCES');
  });
});

describe('a hostile file', () => {
  const wrong = () => {
    const { unreadable } = listTasks(root);
    return unreadable.map(({ file, task }) => [file.name, task.problems.map(({ message }) => message)]);
  };

  test('of 50 MB is not read, and stops no listing', () => {
    truncateSync(put('10-ready/task-big.md', text('big')), 50_000_000);
    put('10-ready/task-a.md', text('a'));
    expect(idsIn()).toEqual(['a']);
    expect(wrong()).toEqual([['task-big.md', ['is 50000000 bytes long; a task file has at most 16777216']]]);
    const { problems } = readTaskFile({ path: join(root, 'tasks/10-ready/task-big.md'), shown: 'big' });
    expect(problems).toEqual([expect.objectContaining({ file: 'big', severity: 'error' })]);
  });

  test('whose front matter does not end is not read for ever', () => {
    put('10-ready/task-a.md', `---\n${'# no end\n'.repeat(600_000)}`);
    expect(wrong()).toEqual([['task-a.md', ['the front matter does not end within 4194304 bytes']]]);
  });

  test('of bytes that are no text is a problem', () => {
    put(
      '10-ready/task-a.md',
      Buffer.from([0x2d, 0x2d, 0x2d, 0x0a, 0xff, 0xfe, 0x00, 0x0a, 0x2d, 0x2d, 0x2d, 0x0a]),
    );
    put('10-ready/task-b.md', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7) % 256)));
    put('10-ready/task-c.md', '');
    expect(wrong()).toEqual([
      ['task-a.md', ['the front matter is not UTF-8 text']],
      ['task-b.md', ['the front matter is not UTF-8 text']],
      ['task-c.md', ['the file does not begin with front matter between two lines of "---"']],
    ]);
  });

  test('that names another language is not run', () => {
    put(
      '10-ready/task-a.md',
      `---js\nrequire('node:fs').writeFileSync(${JSON.stringify(join(base, 'ran'))}, '')\n---\n`,
    );
    expect(wrong()[0]?.[1]).toHaveLength(1);
    expect(listTaskFiles(base).problems).toEqual([]);
    expect(() => execFileSync('test', ['!', '-e', join(base, 'ran')])).not.toThrow();
  });
});

describe('the head of a file', () => {
  test.each([3000, 4085, 4090, 4095, 4096, 4097, 5000, 65_530, 65_536, 65_540, 200_000])(
    'is found wherever it ends: around byte %d',
    (length) => {
      for (const lineEnding of ['\n', '\r\n'])
        for (const body of ['', 'body ä', `${'x'.repeat(9000)}\n---\nno: head\n---\n`]) {
          const start = '---\nid: ä\n# '.replaceAll('\n', lineEnding);
          const end = `${lineEnding}---${lineEnding}`;
          const filling = 'c'.repeat(length - Buffer.byteLength(start) - Buffer.byteLength(end));
          const path = put('10-ready/head.md', `${start}${filling}${end}${body}`);
          const head = readHead(path, 'head.md');
          expect(head.ok && head.value.startsWith(`${start}${filling}${end}`)).toBe(true);
          expect(head.ok && head.value.length).toBeLessThanOrEqual(Math.max(4096, length));
        }
    },
  );

  test('may end with the file, without a line end', () => {
    const path = put('10-ready/head.md', '\uFEFF---\nid: a\n---');
    expect(readHead(path, 'head.md')).toEqual({ ok: true, value: '\uFEFF---\nid: a\n---' });
  });

  test('of one file is not that of the file read before', () => {
    put('10-ready/task-a.md', text('a', `labels: [${'long, '.repeat(400)}end]\n`));
    put('10-ready/task-b.md', text('b'));
    put('10-ready/task-c.md', '---\nid: c');
    const { tasks, unreadable } = listTasks(root);
    expect(tasks.map(({ meta }) => [meta.id, meta.labels?.length])).toEqual([
      ['a', 401],
      ['b', undefined],
    ]);
    expect(unreadable).toHaveLength(1);
  });
});

describe('a task', () => {
  beforeEach(() => {
    put('10-ready/task-a.md', text('a'));
    put('30-done/2025-11-02 story-b.md', text('b'));
    put('my own/notes.md', text('c'));
  });
  const found = (wanted: string) => {
    const result = findTask(root, wanted);
    return result.ok ? result.value.shown : result.error.code;
  };

  test.each([
    ['a', 'tasks/10-ready/task-a.md'],
    ['b', 'tasks/30-done/2025-11-02 story-b.md'],
    ['c', 'tasks/my own/notes.md'],
    ['notes', 'tasks/my own/notes.md'],
    ['task-a.md', 'tasks/10-ready/task-a.md'],
    ['tasks/my own/notes.md', 'tasks/my own/notes.md'],
    ['../task-a.md', 'task-not-found'],
    ['tasks/10-ready/../10-ready/task-a.md', 'task-not-found'],
    ['', 'task-not-found'],
  ])('is found by id, name or path: %j is %s', (wanted, shown) => {
    expect(found(wanted)).toBe(shown);
  });

  test('is found by its absolute path', () => {
    expect(found(join(root, 'tasks', '10-ready', 'task-a.md'))).toBe('tasks/10-ready/task-a.md');
  });

  test('that has another id than its name says is found by its id', () => {
    put('10-ready/task-old.md', text('new'));
    expect(found('new')).toBe('tasks/10-ready/task-old.md');
    expect(found('old')).toBe('task-not-found');
  });

  test('whose front matter cannot be read is found by its name', () => {
    put('10-ready/task-broken.md', '---\nid: [\n---\n');
    expect(found('broken')).toBe('tasks/10-ready/task-broken.md');
  });

  test('that stands twice is ambiguous', () => {
    put('00-idea/task-a.md', text('a'));
    const result = findTask(root, 'a');
    expect(result.ok ? '' : result.error.message).toBe(
      '2 files are called a: tasks/00-idea/task-a.md, tasks/10-ready/task-a.md',
    );
  });

  test('that is not there is asked about with the nearest name', () => {
    put('10-ready/task-login-page.md', text('login-page'));
    const result = findTask(root, 'login-pgae');
    expect(result.ok ? '' : result.error.hint).toBe('did you mean login-page?');
  });

  test('is read with a body that is no UTF-8', () => {
    const path = put('10-ready/task-a.md', Buffer.concat([Buffer.from(text('a')), Buffer.from([0xff])]));
    const task = readTaskFile({ path, shown: 'a' });
    expect(task.meta?.id).toBe('a');
    expect(task.body).toBe('body of a\n\uFFFD');
  });
});
