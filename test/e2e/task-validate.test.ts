import { afterEach, describe, expect, test } from 'vitest';
import { taskValidationContract } from '../../src/interfaces/contract/task.ts';
import { type TaskStore, taskFile, taskStore } from '../rig/task-store.ts';

const stores: TaskStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.remove();
});

function aStore(files?: Readonly<Record<string, string>>): TaskStore {
  const store = taskStore(files);
  stores.push(store);
  return store;
}

const READY = 'tasks/10-ready/task-a.md';

describe('task validate', () => {
  test('finds nothing wrong with sound tasks, and with none', async () => {
    const store = aStore();
    expect(await store.task(['validate'])).toMatchObject({ code: 0, stdout: 'no task files\n', stderr: '' });
    store.write(READY, taskFile('a', ['state: ready']));
    expect(await store.task(['validate'])).toMatchObject({
      code: 0,
      stdout: '1 task file: valid\n',
      stderr: '',
    });
    expect(await store.task(['validate', '--fix'])).toMatchObject({
      code: 0,
      stdout: 'nothing to put right\n1 task file: valid\n',
    });
  });

  test('says everything that is wrong in and between files, one line each with its place', async () => {
    const store = aStore({
      [READY]: taskFile('a', ['state: ready', 'size: huge', 'execution: {attempts: []}', 'depend_on: [b]']),
      'tasks/10-ready/task-b.md': taskFile('b', ['state: ready', 'depends_on: [c]', 'parent: nobody']),
      'tasks/10-ready/task-c.md': taskFile('c', ['state: ready', 'depends_on:', '  - b']),
      'tasks/20-in-progress/task-b.md': taskFile('b', ['state: in-progress']),
      'tasks/30-done/task-d.md': taskFile('d', ['state: idea', 'created_at: 2025-11-02T15:03:00']),
      'tasks/00-idea/notes.md': 'no front matter\n',
    });
    const checked = await store.task(['validate']);
    expect(checked).toMatchObject({ code: 2, stdout: '6 task files: 6 errors, 3 warnings\n' });
    const lines = checked.stderr.split('\n').map((line) => line.replace(/ \(.*\)$/, ''));
    expect(lines).toEqual([
      'tasks/00-idea/notes.md:1:1: error: the file does not begin with front matter between two lines of "---"',
      `${READY}:6:7: error: size is "huge"; allowed: tiny, small, medium, large, xl`,
      `${READY}:7:23: error: execution.attempts is an empty list; allowed: a list with at least one item`,
      `${READY}:8:1: warning: depend_on is an unknown key; it is kept, and nothing reads it`,
      'tasks/10-ready/task-b.md:6:1: error: these tasks wait for each other: b -> c -> b',
      'tasks/10-ready/task-b.md:7:1: error: parent names "nobody", which is no task',
      'tasks/20-in-progress/task-b.md:2:1: error: the id b is also that of tasks/10-ready/task-b.md',
      'tasks/30-done/task-d.md:5:1: warning: the file belongs at tasks/00-idea/task-d.md',
      'tasks/30-done/task-d.md:6:13: warning: created_at is a time without an offset: "2025-11-02T15:03:00" is read as UTC',
      '',
    ]);
    const { code, document } = await store.json(taskValidationContract, ['validate']);
    expect({ code, valid: document.valid, files: document.files, fixes: document.fixes }).toEqual({
      code: 2,
      valid: false,
      files: 6,
      fixes: [],
    });
    expect(document.problems).toContainEqual({
      code: 'task-invalid',
      severity: 'error',
      path: 'size',
      found: '"huge"',
      allowed: 'tiny, small, medium, large, xl',
      message: 'size is "huge"; allowed: tiny, small, medium, large, xl',
      file: READY,
      line: 6,
      column: 7,
    });
  });

  test('looks at the files that are named, and still knows the others', async () => {
    const store = aStore({
      [READY]: taskFile('a', ['state: ready', 'depends_on: [b]']),
      'tasks/10-ready/task-b.md': taskFile('b', ['state: reddy']),
    });
    expect(await store.task(['validate', 'a'])).toMatchObject({ code: 0, stdout: '1 task file: valid\n' });
    expect(await store.task(['validate', READY, 'b'])).toMatchObject({
      code: 2,
      stdout: '2 task files: 1 error\n',
    });
    expect(await store.task(['validate', 'nobody'])).toMatchObject({ code: 6, stdout: '' });
  });
});

describe('task validate --fix', () => {
  const LOST = 'tasks/30-done/task-d.md';
  const text = taskFile('d', [
    ...['state: idea', 'created_at: 2025-11-02T15:03:00   # when we began', 'strange: {x: 1}'],
    ...[
      'execution:',
      '  attempts:',
      '    - started_at: "2025-11-02"',
      '      ended_at: 2025-11-02T15:05:00Z',
    ],
    ...[
      '      duration_seconds: 1',
      '      status: completed',
      '      worktree: w',
      '      executor: {tool: t}',
    ],
  ]);
  const fixed = text
    .replace('15:03:00   #', '15:03:00Z   #')
    .replace('"2025-11-02"', '"2025-11-02T00:00:00Z"');

  test('shows what it is going to do, does it, and loses nothing', async () => {
    const store = aStore({ [LOST]: text });
    const planned = await store.task(['validate', '--fix', '--dry-run']);
    expect(planned.stdout).toContain(`${LOST} -> tasks/00-idea/task-d.md\n`);
    expect(planned.stdout).toContain('- created_at: 2025-11-02T15:03:00   # when we began\n');
    expect(planned.stdout).toContain('+ created_at: 2025-11-02T15:03:00Z   # when we began\n');
    expect({ files: store.files(), text: store.read(LOST) }).toEqual({ files: [LOST], text });
    const done = await store.task(['validate', '--fix', LOST]);
    expect(done.code).toBe(0);
    expect(planned.stdout.startsWith(done.stdout.slice(0, done.stdout.indexOf('1 task file')))).toBe(true);
    expect(store.files()).toEqual(['tasks/00-idea/task-d.md']);
    expect(store.read('tasks/00-idea/task-d.md')).toBe(fixed);
    const again = await store.json(taskValidationContract, ['validate', '--fix']);
    expect(again).toMatchObject({ code: 0, document: { valid: true, fixes: [] } });
    // What other tools have added is told, and stays.
    expect(again.document.problems.map(({ path }) => path)).toEqual([
      'strange',
      'execution.attempts.0.worktree',
    ]);
  });

  test('tells programs what it did', async () => {
    const store = aStore({ [LOST]: text });
    const { document } = await store.json(taskValidationContract, ['validate', '--fix', '--dry-run']);
    const fix = { file: LOST, to: 'tasks/00-idea/task-d.md' };
    expect(document.fixes).toEqual([{ ...fix, diff: expect.stringContaining('\n+ '), applied: false }]);
    const applied = await store.json(taskValidationContract, ['validate', '--fix']);
    expect(applied.document.fixes).toEqual([{ ...document.fixes[0], applied: true }]);
  });

  test('takes no other file’s place, and leaves alone what it cannot put right', async () => {
    const files = {
      [READY]: taskFile('a', ['state: idea']),
      'tasks/00-idea/task-a.md': taskFile('a', ['state: idea'], '\nThe other one.\n'),
      'tasks/30-done/bad.md': '---\nid: x\n# no more\n---\nBody\n',
    };
    const store = aStore(files);
    const refused = await store.task(['validate', '--fix']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('tasks/00-idea/task-a.md: error: there is a task');
    expect(Object.fromEntries(store.files().map((file) => [file, store.read(file)]))).toEqual(files);
  });

  test('goes with --dry-run, which alone means nothing', async () => {
    expect((await aStore().task(['validate', '--dry-run'])).code).toBe(2);
  });
});
