import { describe, expect, it } from 'vitest';
import { inKeyOrder, keyOrderAt } from '../../../src/core/task/key-order.ts';
import { META_KEY_ORDER, type TaskMeta } from '../../../src/core/task/meta.ts';
import { changesToState } from '../../../src/core/task/move-state.ts';
import { parseTask } from '../../../src/core/task/parse-task.ts';
import { type PlacedTask, referenceFindings } from '../../../src/core/task/references.ts';
import { readTaskFileName, taskPath } from '../../../src/core/task/task-path.ts';
import { writeTask } from '../../../src/core/task/write-task.ts';

const placed = (id: string, rest: Partial<TaskMeta> = {}, path = `10-ready/task-${id}.md`): PlacedTask => ({
  meta: { id, kind: 'task', state: 'ready', ...rest },
  path,
});
const told = (tasks: readonly PlacedTask[], others: readonly string[] = []) =>
  referenceFindings(tasks, others).map(({ task, code, finding }) => [task, code, finding.message]);

describe('rules between tasks', () => {
  it('are kept by tasks that name each other as they should', () => {
    const tasks = [
      placed('a', { children: ['b'], blocks: ['c'] }),
      placed('b', { parent: 'a' }),
      placed('c', { depends_on: ['a', 'b'] }),
    ];
    expect(told(tasks)).toEqual([]);
  });

  it('tell of an id that two files have, with the place of the other', () => {
    expect(told([placed('a'), placed('a')])).toEqual([
      [1, 'duplicate-id', 'the id a is also that of tasks/10-ready/task-a.md'],
    ]);
  });

  it('tell of thousands of names that are not there, and guess only for the first of them', () => {
    const long = 'x'.repeat(500_000);
    const tasks = Array.from({ length: 3000 }, (_, n) =>
      placed(`job-${n}`, { parent: `job-${n}x`, blocks: [long] }),
    );
    const found = referenceFindings(tasks);
    expect(found).toHaveLength(6000);
    expect(found[0]?.finding.hint).toBe('did you mean job-0?');
    expect(found.at(-1)?.finding.hint).toBe('take it out, or create the task');
  });

  it('tell of what is named and is not there, in every key, with the nearest name', () => {
    const tasks = [
      placed('login-page', { parent: 'x1', children: ['x2'], depends_on: ['y'], blocks: ['login-pag'] }),
      placed('y'),
    ];
    expect(told(tasks).map(([, code, message]) => [code, message])).toEqual([
      ['missing-reference', 'parent names "x1", which is no task'],
      ['missing-reference', 'children names "x2", which is no task'],
      ['missing-reference', 'blocks names "login-pag", which is no task'],
    ]);
    const found = referenceFindings(tasks);
    expect(found[2]?.finding).toMatchObject({ hint: 'did you mean login-page?', path: ['blocks', 0] });
    expect(told([placed('a', { parent: 'unread' })], ['unread'])).toEqual([]);
  });

  it('tell of tasks that wait for each other, from either side, once', () => {
    const tasks = [
      placed('a', { depends_on: ['b'] }),
      placed('b', { depends_on: ['c'] }),
      placed('c', { blocks: [] }),
    ];
    expect(told(tasks)).toEqual([]);
    const ring = [...tasks.slice(0, 2), placed('c', { depends_on: ['a'] })];
    expect(told(ring)).toEqual([[0, 'cycle', 'these tasks wait for each other: a -> b -> c -> a']]);
    const byBlocks = [placed('a', { depends_on: ['b'], blocks: ['b'] }), placed('b')];
    expect(told(byBlocks)).toEqual([[0, 'cycle', 'these tasks wait for each other: a -> b -> a']]);
    expect(told([placed('a', { depends_on: ['a'] })])).toEqual([
      [0, 'cycle', 'these tasks wait for each other: a -> a'],
    ]);
  });

  it('tell of tasks that are part of each other', () => {
    expect(told([placed('a', { parent: 'b' }), placed('b', { parent: 'a' })])).toEqual([
      [0, 'cycle', 'these tasks are part of each other: a -> b -> a'],
    ]);
  });

  it('tell of a child that says that it is another one’s', () => {
    const tasks = [
      placed('a', { children: ['c'] }),
      placed('b', { children: ['c'] }),
      placed('c', { parent: 'b' }),
    ];
    expect(told(tasks).filter(([, code]) => code === 'one-sided')).toEqual([
      [0, 'one-sided', 'children names c, whose parent is b'],
    ]);
  });

  it('tell of a file that is not where its state puts it', () => {
    const done = placed('a', { state: 'done', completed_at: '2025-11-02T23:30:00-01:00' });
    expect(told([done])).toEqual([
      [0, 'misplaced', 'the file belongs at tasks/30-done/2025-11-03 task-a.md'],
    ]);
  });

  it('answer for ten thousand tasks in a row', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      placed(`t${index}`, index === 0 ? {} : { depends_on: [`t${index - 1}`] }),
    );
    expect(told(many)).toEqual([]);
    expect(told([placed('t0', { depends_on: ['t9999'] }), ...many.slice(1)])).toHaveLength(1);
  });
});

describe('the place of a task', () => {
  it.each([
    ['idea', '00-idea/story-a-b.md'],
    ['ready', '10-ready/story-a-b.md'],
    ['in-progress', '20-in-progress/story-a-b.md'],
    ['done', '30-done/2025-11-02 story-a-b.md'],
    ['canceled', '40-canceled/story-a-b.md'],
  ] as const)('goes by its state: %s is %s', (state, path) => {
    expect(taskPath({ id: 'a-b', kind: 'story', state, completed_at: '2025-11-02T18:44:25.767Z' })).toBe(
      path,
    );
  });

  it('has no day where the time of completion is not known', () => {
    expect(taskPath({ id: 'a', kind: 'task', state: 'done' })).toBe('30-done/task-a.md');
    expect(taskPath({ id: 'a', kind: 'task', state: 'done', completed_at: null })).toBe('30-done/task-a.md');
  });

  it('tells kind, id and day back', () => {
    expect(readTaskFileName('2025-11-02 story-a-b.md')).toEqual({
      kind: 'story',
      id: 'a-b',
      day: '2025-11-02',
    });
    expect(readTaskFileName('task-task-1.md')).toEqual({ kind: 'task', id: 'task-1' });
    for (const name of ['README.md', 'bug-a.md', 'task-A.md', 'task-.md', 'task-a.txt', '25-11-02 task-a.md'])
      expect(readTaskFileName(name)).toBeUndefined();
  });
});

describe('a change of state', () => {
  const now = '2025-11-02T18:44:25.767Z';
  const keys = (changes: ReturnType<typeof changesToState>) =>
    changes.map((each) => `${each.kind} ${each.kind === 'add-attempt' ? '' : each.path.join('.')}`);

  it('to done sets the time of completion, and keeps the one that is there', () => {
    expect(keys(changesToState({ state: 'ready' }, 'done', now))).toEqual([
      'set state',
      'set updated_at',
      'set completed_at',
      'set last_activity_at',
    ]);
    expect(keys(changesToState({ state: 'done', completed_at: now }, 'done', now))).not.toContain(
      'set completed_at',
    );
    expect(keys(changesToState({ state: 'done', completed_at: null }, 'done', now))).toContain(
      'set completed_at',
    );
  });

  it('away from done takes it out', () => {
    expect(keys(changesToState({ state: 'done', completed_at: now }, 'ready', now))).toContain(
      'remove completed_at',
    );
  });
});

describe('the order of keys', () => {
  it('has execution after last_activity_at (seed 003, AC)', () => {
    expect(META_KEY_ORDER.join(', ')).toBe(
      'id, title, kind, parent, children, state, blocked, commit_message, priority, size, ambiguity, executor, ' +
        'isolation, touches, depends_on, blocks, assignees, labels, created_at, updated_at, completed_at, links, ' +
        'last_activity_at, execution',
    );
  });

  it('is that of the seed within an attempt, unknown keys last', () => {
    const attempt = {
      x: 1,
      notes: '',
      executor: { planner: { model: 'm', tool: 't' }, tool: 't' },
      status: '',
      started_at: '',
    };
    const path = ['execution', 'attempts', 3];
    expect(JSON.stringify(inKeyOrder(path, attempt))).toBe(
      '{"started_at":"","status":"","executor":{"tool":"t","planner":{"tool":"t","model":"m"}},"notes":"","x":1}',
    );
    expect(keyOrderAt(['execution', 'attempts', 0, 'reviewer'])).toEqual([
      'name',
      'approved',
      'reviewed_at',
      'notes',
    ]);
    expect(keyOrderAt(['extra'])).toEqual([]);
  });
});

describe('a new task file', () => {
  const meta = {
    links: [],
    title: 'Say: "hello" #1',
    created_at: '2025-11-02T15:03:00.000Z',
    id: 'hello',
    kind: 'task' as const,
    labels: ['a', 'true'],
    state: 'ready' as const,
  };

  it('has its keys in order, times at its top without quotes and text in quotes where it needs them', () => {
    expect(writeTask(meta, '\n# Body\n')).toBe(
      [
        '---',
        'id: hello',
        'title: "Say: \\"hello\\" #1"',
        'kind: task',
        'state: ready',
        'labels:',
        '  - a',
        '  - "true"',
        'created_at: 2025-11-02T15:03:00.000Z',
        'links: []',
        '---',
        '',
        '# Body',
        '',
      ].join('\n'),
    );
  });

  it('has the line endings that were asked for in its front matter, and says what was written', () => {
    const text = writeTask(meta, 'body\n', '\r\n');
    expect(text.slice(0, text.indexOf('body')).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(parseTask(text, 'f.md').raw).toEqual(meta);
  });
});
