import { mkdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  taskChangeContract,
  taskDetailsContract,
  taskListContract,
  taskStatsContract,
} from '../../src/interfaces/contract/task.ts';
import { attempt, SEED_EXECUTION, type TaskStore, taskFile, taskStore } from '../rig/task-store.ts';

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

describe('task new', () => {
  test('writes a task with its keys in order where its state puts it, and all other commands know it', async () => {
    const store = aStore();
    const words = ['new', 'login', '--title', 'Log in: a form', '--kind', 'story', '--state', 'ready'];
    const more = ['--label', 'ui, web', '--label', 'api', '--size', 'small', '--depends-on', 'users'];
    const created = await store.task([...words, ...more]);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toBe('created login: tasks/10-ready/story-login.md\n');
    const text = store.read('tasks/10-ready/story-login.md');
    expect([...text.matchAll(/^([a-z_]+):/gm)].map(([, key]) => key)).toEqual([
      ...['id', 'title', 'kind', 'state', 'priority', 'size', 'ambiguity', 'executor', 'isolation'],
      ...['depends_on', 'labels', 'created_at', 'updated_at', 'last_activity_at'],
    ]);
    const { document } = await store.json(taskDetailsContract, ['show', 'login']);
    expect(document.task).toMatchObject({
      title: 'Log in: a form',
      size: 'small',
      ambiguity: 'low',
      labels: ['ui', 'web', 'api'],
      depends_on: ['users'],
    });
    expect(document.problems).toEqual([]);
    expect(document.body).toContain('Log in: a form');
  });

  test('takes the text from standard input as it is', async () => {
    const store = aStore();
    const input = '# Why\n\n---\nnot: front matter\n---\n';
    const { code, document } = await store.json(
      taskChangeContract,
      ['new', 'a', '--title', 'A', '--body', '-'],
      { input },
    );
    expect({ code, changed: document.changed, from: document.moved_from }).toEqual({
      code: 0,
      changed: true,
      from: null,
    });
    expect(store.read('tasks/00-idea/task-a.md').endsWith(`---\n\n${input}`)).toBe(true);
  });

  test('made in a directory further down, goes beside the other tasks', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready']) });
    mkdirSync(store.path('src/deep'), { recursive: true });
    const created = await store.task(['new', 'b', '--title', 'B'], { cwd: store.path('src/deep') });
    expect(created.code).toBe(0);
    expect(store.files()).toEqual(['tasks/00-idea/task-b.md', READY]);
  });

  test('never takes the place of a task, wherever that is kept', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready']) });
    const before = store.read(READY);
    const refused = await store.task(['new', 'a', '--title', 'Another']);
    expect(refused).toMatchObject({ code: 7, stdout: '' });
    expect(refused.stderr).toContain(`${READY}: there is a task a already`);
    expect({ files: store.files(), text: store.read(READY) }).toEqual({ files: [READY], text: before });
  });

  test.each([
    ['../x'],
    ['../../etc/passwd'],
    ['a/b'],
    ['A'],
    ['a b'],
    ['.'],
    ['\x1b[31mred'],
    ['a\n---\nb: c'],
  ])(
    'refuses an id that would be no file name in its directory (%j) and says all that is wrong',
    async (id) => {
      const store = aStore({ [READY]: taskFile('a', ['state: ready']) });
      const refused = await store.task(['new', id, '--title', '']);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain(
        'allowed: lower-case letters, digits and hyphens\ntitle is ""; allowed: ',
      );
      expect(refused.stderr).not.toContain('\x1b');
      expect(store.files()).toEqual([READY]);
    },
  );
});

describe('task list', () => {
  test('shows one line for each task, and what its last attempt came to', async () => {
    const store = aStore({
      [READY]: taskFile('a', ['state: ready', ...SEED_EXECUTION]),
      'tasks/00-idea/task-b.md': taskFile('b', ['priority: urgent', 'blocked: waits for the design']),
    });
    const listed = await store.task(['list']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const lines = listed.stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['TASK', 'KIND', 'STATE', 'PRIORITY', 'SIZE', 'AMBIGUITY', 'ATTEMPTS', 'TITLE'],
      ['b', 'task', 'idea, blocked', 'urgent', 'medium', 'low', '-', 'The task b'],
      ['a', 'task', 'ready', 'none', 'medium', 'low', '3, completed', 'The task a'],
      [''],
    ]);
  });

  const FILES = {
    'tasks/00-idea/task-a.md': taskFile(
      'a',
      ['size: tiny', 'labels: [ui, api]'],
      '\nAbout the Session cookie.\n',
    ),
    'tasks/10-ready/task-b.md': taskFile('b', [
      'state: ready',
      'ambiguity: high',
      'parent: e',
      'labels: [api]',
    ]),
    'tasks/10-ready/story-c.md': taskFile('c', [
      ...['kind: story', 'state: ready', 'priority: high', 'executor: expert'],
      'title: Session ends',
    ]),
    'tasks/40-canceled/epic-e.md': taskFile('e', ['kind: epic', 'state: canceled']),
  };

  test.each([
    [
      ['--state', 'ready'],
      ['c', 'b'],
    ],
    [
      ['--state', 'idea,canceled'],
      ['a', 'e'],
    ],
    [['--size', 'tiny'], ['a']],
    [['--priority', 'high, urgent'], ['c']],
    [['--ambiguity', 'high'], ['b']],
    [['--executor', 'expert'], ['c']],
    [
      ['--label', 'api'],
      ['a', 'b'],
    ],
    [['--label', 'ui,nothing'], ['a']],
    [['--parent', 'e'], ['b']],
    [
      ['--text', 'SESSION'],
      ['a', 'c'],
    ],
    [['--text', 'session cookie'], ['a']],
    [['--label', 'api', '--state', 'ready'], ['b']],
    [['--state', 'done'], []],
  ])('chooses by %j', async (filter, ids) => {
    const { code, document } = await aStore(FILES).json(taskListContract, ['list', ...filter]);
    expect(code).toBe(0);
    expect(document.map(({ id }) => id)).toEqual(ids);
  });

  test('refuses a word that no task can have, and says which was meant', async () => {
    const refused = await aStore(FILES).task(['list', '--state', 'ready,doen']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('there is no state "doen"');
    expect(refused.stderr).toContain('hint: did you mean done?');
  });

  test('of a place without tasks is empty, and nothing is written there', async () => {
    const store = aStore();
    expect(await store.task(['list'])).toMatchObject({ code: 0, stderr: '' });
    expect((await store.json(taskListContract, ['list'])).document).toEqual([]);
    expect(() => store.files()).toThrow('ENOENT');
  });

  test('gives every key of a file, with the defaults of those that it leaves out', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready', 'colour: green', 'x: {y: [1, null]}']) });
    const { document } = await store.json(taskListContract, ['list']);
    expect(document).toEqual([
      {
        ...{ id: 'a', title: 'The task a', kind: 'task', state: 'ready', priority: 'none', size: 'medium' },
        ...{ ambiguity: 'low', executor: 'standard', isolation: 'module', colour: 'green' },
        ...{ x: { y: [1, null] }, path: READY },
      },
    ]);
  });
});

describe('task show', () => {
  test('prints a task, its attempts and its text', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready', ...SEED_EXECUTION]) });
    const shown = await store.task(['show', 'a']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^Title: +The task a$/m);
    expect(shown.stdout).toMatch(/^ +3 +2025-11-02 15:10:00Z +2m 45s .*completed .*approved by fabio$/m);
    expect(shown.stdout.endsWith('\nSome text.\n')).toBe(true);
  });

  test.each([['a'], ['task-a'], ['task-a.md'], [READY], [`./${READY}`]])('finds it by %s', async (name) => {
    const store = aStore({
      [READY]: taskFile('a', ['state: ready']),
      'tasks/00-idea/task-b.md': taskFile('b'),
    });
    const { document } = await store.json(taskDetailsContract, ['show', name]);
    expect(document.task?.id).toBe('a');
  });

  test('finds an id that no file name tells', async () => {
    const store = aStore({ 'tasks/notes/Some Thing.md': taskFile('a') });
    const { document } = await store.json(taskDetailsContract, ['show', 'a']);
    expect(document.task).toMatchObject({ id: 'a', path: 'tasks/notes/Some Thing.md' });
  });

  test('ends with 6 where there is none, and names the nearest', async () => {
    const store = aStore({ 'tasks/00-idea/task-login-form.md': taskFile('login-form') });
    const missing = await store.task(['show', 'login-from']);
    expect(missing).toMatchObject({ code: 6, stdout: '' });
    expect(missing.stderr).toContain('hint: did you mean login-form?');
    expect((await store.task(['show', '../../etc/passwd'])).code).toBe(6);
  });

  test('shows the text of a task whose front matter is wrong, to programs too, and ends with 1', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: redy', 'size: 7']) });
    const shown = await store.task(['show', 'a']);
    expect(shown.code).toBe(1);
    expect(shown.stderr).toContain(`${READY}:5:8: error: state is "redy"; allowed: idea, ready,`);
    expect(shown.stderr).toContain(`${READY}:6:7: error: size is 7; allowed: tiny, small,`);
    const { code, document } = await store.json(taskDetailsContract, ['show', 'a']);
    expect({ code, task: document.task, body: document.body }).toEqual({
      code: 1,
      task: null,
      body: '\nSome text.\n',
    });
    expect(document.problems.map(({ path, found }) => [path, found])).toEqual([
      ['state', '"redy"'],
      ['size', '7'],
    ]);
  });
});

describe('task update', () => {
  const ODD = [
    '\uFEFF---\r\n',
    '# who reads this?\r\n',
    'id:   a\r\n',
    "title: 'It''s odd'   # kept\r\n",
    'kind: task\r\n',
    'state: ready\r\n',
    'priority: low # for now\r\n',
    'labels: [ "one", two ]\r\n',
    'strange: {a: 1, b: [x]}\r\n',
    'execution:\r\n',
    '    attempts:\r\n',
    '    - started_at: 2025-11-02T15:03:00Z\r\n',
    '      ended_at: 2025-11-02T15:05:00+00:00\r\n',
    '      duration_seconds: 120\r\n',
    '      isolation: worktree # another tool’s\r\n',
    '      status: failed\r\n',
    '      executor: {tool: x}\r\n',
    '---\r\n',
    'Body --- \t\r\n---\nno line end',
  ].join('');

  test('changes one value and no other byte', async () => {
    const store = aStore({ [READY]: ODD });
    const { code, document } = await store.json(taskChangeContract, [
      'update',
      'a',
      '--set',
      'priority=urgent',
    ]);
    expect({ code, changed: document.changed, from: document.moved_from }).toEqual({
      code: 0,
      changed: true,
      from: null,
    });
    expect(store.read(READY)).toBe(ODD.replace('low #', 'urgent #'));
  });

  test('adds an attempt behind the others and leaves those as they are', async () => {
    const store = aStore({ [READY]: ODD });
    const added = await store.task(['update', 'a', '--add-attempt', '-'], {
      input: attempt({ notes: 'ok' }),
    });
    expect(added).toMatchObject({ code: 0, stdout: `updated a: ${READY}\n` });
    const text = store.read(READY);
    const at = ODD.indexOf('---\r\nBody');
    expect(text.startsWith(ODD.slice(0, at))).toBe(true);
    expect(text.endsWith(ODD.slice(at))).toBe(true);
    const { document } = await store.json(taskDetailsContract, ['show', 'a']);
    expect(document.task?.execution?.attempts).toEqual([
      expect.objectContaining({ status: 'failed', isolation: 'worktree' }),
      JSON.parse(attempt({ notes: 'ok' })),
    ]);
  });

  test('makes several changes at once, of lists, nested keys and text', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready', 'blocked: soon', ...SEED_EXECUTION]) });
    const sets = [
      'labels=x, y',
      'title=42',
      'execution.attempts.1.notes=checked: yes',
      'touches=["a,b","c"]',
    ];
    const updated = await store.task([
      ...['update', 'a', '--unset', 'blocked'],
      ...sets.flatMap((set) => ['--set', set]),
    ]);
    expect(updated).toMatchObject({ code: 0, stderr: '' });
    const { document } = await store.json(taskDetailsContract, ['show', 'a']);
    expect(document.task).toMatchObject({ title: '42', labels: ['x', 'y'], touches: ['a,b', 'c'] });
    expect(document.task?.execution?.attempts[1]?.notes).toBe('checked: yes');
    expect(document.task).not.toHaveProperty('blocked');
    expect(document.problems).toEqual([]);
  });

  test('takes a task along where its state or kind changes', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready']) });
    const { document } = await store.json(taskChangeContract, [
      ...['update', 'a', '--set', 'state=in-progress', '--set', 'kind=story'],
    ]);
    expect(document.moved_from).toBe(READY);
    expect(store.files()).toEqual(['tasks/20-in-progress/story-a.md']);
  });

  test('sets a key that it does not know, and says which was probably meant', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready', 'colour: green']) });
    const updated = await store.task(['update', 'a', '--set', 'prioritty=high']);
    expect(updated).toMatchObject({ code: 0, stdout: `updated a: ${READY}\n` });
    expect(updated.stderr).toBe(
      `${READY}:7:1: warning: prioritty is an unknown key; it is kept, and nothing reads it (did you mean priority?)\n`,
    );
    expect(store.read(READY)).toContain('\nprioritty: high\n');
  });

  test('says that all is so already, and writes nothing', async () => {
    const store = aStore({ [READY]: ODD });
    const same = await store.task(['update', 'a', '--set', 'labels=one,two', '--unset', 'no_such_key']);
    expect(same).toMatchObject({ code: 0, stdout: `a: nothing to change, ${READY}\n` });
    expect(store.read(READY)).toBe(ODD);
  });

  test.each<[readonly string[], number, readonly string[]]>([
    [['--set', 'state=dnoe', '--set', 'size=7'], 2, ['state is "dnoe"; allowed: ', '\nsize is 7; allowed: ']],
    [['--set', 'id=b'], 2, ['the id of a task stays']],
    [['--set', '=x'], 2, ['it takes key=value']],
    [['--set', 'a..b=x'], 2, ['it takes key=value']],
    [['--set', '__proto__=1'], 2, ['__proto__']],
    [['--unset', 'title'], 2, ['no task can be without its title']],
    [[], 2, ['there is nothing to change']],
    [['--add-attempt', 'no json'], 2, ['an attempt is not JSON']],
    [['--add-attempt', '[]'], 2, ['it takes one attempt']],
    [
      [
        '--add-attempt',
        attempt({ status: 'done', duration_seconds: -1, executor: {}, started_at: '2025-02-30T00:00:00Z' }),
      ],
      2,
      [
        'attempt.started_at is "2025-02-30T00:00:00Z"; allowed: ',
        '\nattempt.duration_seconds is -1; allowed: a whole number, 0 or more\n',
        '\nattempt.status is "done"; allowed: completed, failed, abandoned\n',
        '\nattempt.executor.tool is missing; allowed: text\n',
      ],
    ],
    [['--add-attempt', attempt({ ended_at: '2025-11-02T15:02:59Z' })], 2, ['attempt.ended_at is ']],
    [['--add-attempt', attempt({ ended_at: '2025-11-02T15:05:00' })], 2, ['without an offset']],
    [['--add-attempt', `[${attempt()},${attempt({ status: 1 })}]`], 2, ['attempt 2.status is 1; allowed: ']],
  ])('refuses %j with everything that is wrong, and leaves the file alone', async (words, code, told) => {
    const store = aStore({ [READY]: ODD });
    const refused = await store.task(['update', 'a', ...words]);
    expect(refused).toMatchObject({ code, stdout: '' });
    for (const text of told) expect(refused.stderr).toContain(text);
    expect(refused.stderr).toContain('hint: ');
    expect({ text: store.read(READY), files: store.files() }).toEqual({ text: ODD, files: [READY] });
  });
});

describe('task move and task complete', () => {
  test('take a task and its file from state to state, and know when it was done', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready', 'colour: green']) });
    const moved = await store.task(['move', 'a', 'in-progress']);
    expect(moved).toMatchObject({ code: 0, stdout: 'moved a: tasks/20-in-progress/task-a.md\n', stderr: '' });
    const done = await store.json(taskChangeContract, ['complete', 'a']);
    const at = String(done.document.task?.['completed_at']);
    expect(Number.isNaN(Date.parse(at))).toBe(false);
    expect(store.files()).toEqual([`tasks/30-done/${at.slice(0, 10)} task-a.md`]);
    const again = await store.json(taskChangeContract, ['complete', 'a']);
    expect(again.document).toMatchObject({ changed: false, moved_from: null });
    expect(again.document.task?.['completed_at']).toBe(at);
    const back = await store.json(taskChangeContract, ['move', 'a', 'idea']);
    expect(back.document.task).not.toHaveProperty('completed_at');
    expect(back.document.task).toMatchObject({ state: 'idea', colour: 'green' });
    expect(store.files()).toEqual(['tasks/00-idea/task-a.md']);
  });

  test('refuse a state that there is none of, a task that there is none of, and a place that is taken', async () => {
    const store = aStore({
      [READY]: taskFile('a', ['state: ready']),
      'tasks/40-canceled/task-a.md': taskFile('b', ['state: canceled']),
    });
    expect(await store.task(['move', 'a', 'redy'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /there is no state "redy"; it is one of idea, ready, .*\nhint: did you mean ready\?/,
      ),
    });
    expect((await store.task(['complete', 'nothing'])).code).toBe(6);
    expect((await store.task(['move', 'a', 'canceled'])).code).toBe(7);
    expect(store.files()).toEqual([READY, 'tasks/40-canceled/task-a.md']);
  });
});

describe('task stats', () => {
  test('says that there is nothing to count where there are no attempts', async () => {
    const store = aStore({ [READY]: taskFile('a', ['state: ready']) });
    expect((await store.task(['stats'])).stdout).toContain('1 task, no attempts yet');
    expect((await store.json(taskStatsContract, ['stats'])).document).toMatchObject({
      tasks: 1,
      tasks_with_attempts: 0,
      success: { per_attempt: { count: 0, rate: null, enough_data: false } },
      each_task: [],
    });
  });

  test('gives a rate only for enough cases, and its interval with it', async () => {
    const runs = (failures: number, model: string): string[] =>
      Array.from({ length: 6 }, (_, index) => [
        `  - started_at: 2025-11-0${index + 1}T15:03:00Z`,
        `    ended_at: 2025-11-0${index + 1}T15:05:00Z`,
        '    duration_seconds: 120',
        `    status: ${index < failures ? 'failed' : 'completed'}`,
        `    executor: {tool: t, model: ${model}}`,
      ]).flat();
    const few = [
      '  - {started_at: 2025-11-09T15:03:00Z, ended_at: 2025-11-09T15:05:00Z, duration_seconds: 1, status: completed, executor: {tool: u}}',
    ];
    const store = aStore({
      [READY]: taskFile('a', [
        'state: ready',
        'ambiguity: high',
        'execution:',
        '  attempts:',
        ...runs(3, 'm'),
      ]),
      'tasks/00-idea/task-b.md': taskFile('b', ['size: xl', 'execution:', '  attempts:', ...few]),
    });
    const { document } = await store.json(taskStatsContract, ['stats']);
    expect(document).toMatchObject({
      outcomes: { completed: 4, failed: 3, abandoned: 0 },
      success: {
        per_attempt: { successes: 4, count: 7, enough_data: true },
        per_task: { successes: 2, count: 2, enough_data: false },
        at_first_try: { successes: 1, count: 2, enough_data: false },
      },
      model_by_ambiguity: [
        {
          model: 'm',
          ambiguity: 'high',
          per_attempt: { successes: 3, count: 6, rate: 0.5, enough_data: true },
        },
        { model: 'unknown', ambiguity: 'low', per_attempt: { successes: 1, count: 1, enough_data: false } },
      ],
    });
    const { interval } = document.by_model[0]?.per_attempt ?? {};
    // Wilson's score interval of 3 of 6.
    expect([interval?.low.toFixed(3), interval?.high.toFixed(3)]).toEqual(['0.188', '0.812']);
    const { stdout } = await store.task(['stats']);
    expect(stdout).toMatch(/^m +- +- +50% \(3\/6\)$/m);
    expect(stdout).toMatch(/^unknown +1\/1, not enough data +- +-$/m);
    const chosen = await store.json(taskStatsContract, ['stats', '--size', 'xl']);
    expect(chosen.document).toMatchObject({ tasks: 1, by_tool: [{ name: 'u', attempts: 1 }] });
  });

  test('explains an idle time below zero by attempts that ran at the same time', async () => {
    const run = (from: string, to: string): string =>
      `  - {started_at: 2025-11-02T15:${from}:00Z, ended_at: 2025-11-02T15:${to}:00Z, duration_seconds: 600, status: completed, executor: {tool: t}}`;
    const store = aStore({
      [READY]: taskFile('a', ['state: ready', 'execution:', '  attempts:', run('05', '15'), run('00', '10')]),
    });
    const { document } = await store.json(taskStatsContract, ['stats']);
    expect(document.each_task).toEqual([
      {
        ...{ id: 'a', attempts: 2, retries: 1, execution_seconds: 1200, wall_clock_seconds: 900 },
        ...{ idle_seconds: -300, overlap_seconds: 300 },
      },
    ]);
    expect((await store.task(['stats'])).stdout).toMatch(/^Idle: +-5m 0s \(-300 s\)$/m);
  });
});
