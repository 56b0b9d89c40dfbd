import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { taskListContract } from '../../src/interfaces/contract/task.ts';
import { attempt, type TaskStore, taskFile, taskStore } from '../rig/task-store.ts';

const stores: TaskStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.remove();
});

const GOOD = 'tasks/10-ready/task-good.md';
const BAD = 'tasks/10-ready/task-bad.md';

/** A store with one good task, beside which the bad ones lie. */
function aStore(): TaskStore {
  const store = taskStore({ [GOOD]: taskFile('good', ['state: ready']) });
  stores.push(store);
  return store;
}

/** Aliases of aliases: a few hundred characters that stand for billions of values. */
const BILLION = [
  '---',
  'id: bad',
  'title: t',
  'kind: task',
  'state: idea',
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
  '---',
  '',
].join('\n');

const TEXTS: readonly (readonly [what: string, text: string | Uint8Array, told: string])[] = [
  [
    'front matter in another language',
    '---js\nmodule.exports = require("fs").writeFileSync("ran", "x")\n---\n',
    'js',
  ],
  [
    'front matter that a loader would run',
    "---\nid: !!js/function 'function () { }'\ntitle: t\nkind: task\nstate: idea\n---\n",
    'tag',
  ],
  ['aliases of aliases', BILLION, 'alias'],
  ['an alias of itself', '---\nid: &a [*a]\ntitle: t\nkind: task\nstate: idea\n---\n', ''],
  ['deep nesting', `---\nid: ${'['.repeat(5000)}\n---\n`, ''],
  ['front matter without an end', `---\nid: x\n${'a: b\n'.repeat(1000)}`, 'never closed'],
  ['front matter of a megabyte and more', `---\nid: x\n${'a: b\n'.repeat(300_000)}---\n`, ''],
  [
    'bytes that are no text',
    new Uint8Array([0x2d, 0x2d, 0x2d, 0x0a, 0xff, 0xfe, 0x00, 0x80, 0x0a, 0x2d, 0x2d, 0x2d, 0x0a]),
    'UTF-8',
  ],
  ['nothing', '', 'front matter'],
  [
    'a reserved key',
    '---\nid: bad\ntitle: t\nkind: task\nstate: idea\n__proto__: {polluted: 1}\n---\n',
    '__proto__',
  ],
];

describe('a bad file', () => {
  test.each(TEXTS)('with %s is a warning, runs nothing, and stops no listing', async (_what, text, told) => {
    const store = aStore();
    store.write(BAD, text);
    const { code, stderr, document } = await store.json(taskListContract, ['list']);
    expect(code).toBe(0);
    expect(document.map(({ id }) => id)).toEqual(['good']);
    expect(stderr).toMatch(new RegExp(`^murmur8: warning: ${BAD}`));
    expect(stderr).toContain(told);
    for (const words of [['stats'], ['show', 'good']]) expect((await store.task(words)).code).toBe(0);
    expect((await store.task(['validate'])).code).toBe(2);
    expect((await store.task(['show', 'bad'])).code).toBe(1);
    expect(existsSync(store.path('ran'))).toBe(false);
  });

  test.each(TEXTS)('with %s is not written to', async (_what, text) => {
    const store = aStore();
    store.write(BAD, text);
    const before = store.read(BAD);
    for (const words of [
      ['update', 'bad', '--add-attempt', attempt()],
      ['complete', BAD],
      ['validate', '--fix'],
    ]) {
      const refused = await store.task(words);
      expect([1, 2]).toContain(refused.code);
      expect(refused.stderr).not.toContain('internal error');
    }
    expect(store.read(BAD)).toBe(before);
    expect(store.files()).toEqual([BAD, GOOD]);
  });

  test('with an id that leads elsewhere is changed where it is, with a word about it, and moved nowhere', async () => {
    const store = aStore();
    store.write(BAD, '---\nid: ../../outside\ntitle: t\nkind: task\nstate: idea\n---\n');
    const { document, stderr } = await store.json(taskListContract, ['list']);
    expect(document).toHaveLength(1);
    expect(stderr).toContain(
      `${BAD}:2:5: id is "../../outside"; allowed: lower-case letters, digits and hyphens`,
    );
    const completed = await store.task(['complete', BAD]);
    expect(completed).toMatchObject({ code: 0, stdout: `completed task-bad.md: ${BAD}\n` });
    expect(completed.stderr).toContain(`${BAD}:2:5: error: id is "../../outside"`);
    expect((await store.task(['validate', '--fix'])).code).toBe(2);
    expect(store.files()).toEqual([BAD, GOOD]);
    expect(store.read(BAD)).toContain('\nstate: done\n');
  });

  test('of fifty megabytes is refused by its size', async () => {
    const store = aStore();
    store.write(BAD, taskFile('bad'));
    const fd = openSync(store.path(BAD), 'r+');
    ftruncateSync(fd, 50 << 20);
    writeSync(fd, '\n', (50 << 20) - 1);
    const { document, stderr } = await store.json(taskListContract, ['list']);
    expect(document).toHaveLength(1);
    expect(stderr).toContain(`${BAD}: is 52428800 bytes long; a task file has at most `);
    expect((await store.task(['show', 'bad'])).code).toBe(1);
    expect((await store.task(['update', 'bad', '--set', 'size=xl'])).code).toBe(1);
  });

  test('that is a directory, a pipe, or a link that leads nowhere or in a circle does not stop a listing or hang it', async () => {
    const store = aStore();
    mkdirSync(store.path(BAD));
    execFileSync('mkfifo', [store.path('tasks/10-ready/task-pipe.md')]);
    symlinkSync('task-two.md', store.path('tasks/10-ready/task-one.md'));
    symlinkSync('task-one.md', store.path('tasks/10-ready/task-two.md'));
    symlinkSync('/nowhere/at/all.md', store.path('tasks/10-ready/task-nowhere.md'));
    symlinkSync('..', store.path('tasks/10-ready/up'));
    symlinkSync('.', store.path('tasks/again'));
    const { code, document, stderr } = await store.json(taskListContract, ['list']);
    expect({ code, ids: document.map(({ id }) => id) }).toEqual({ code: 0, ids: ['good'] });
    for (const name of ['one', 'two', 'nowhere']) expect(stderr).toContain(`task-${name}.md: `);
    expect((await store.task(['validate'])).code).toBe(2);
  });

  // Who may read everything reads this too.
  test.skipIf(process.getuid?.() === 0)('that may not be read is a warning', async () => {
    const store = aStore();
    store.write(BAD, taskFile('bad'));
    chmodSync(store.path(BAD), 0);
    const { document, stderr } = await store.json(taskListContract, ['list']);
    expect(document).toHaveLength(1);
    expect(stderr).toContain(BAD);
  });

  test('that is a link out of the project is read, and never written to', async () => {
    const store = aStore();
    const other = taskStore({ 'bad.md': taskFile('bad') });
    stores.push(other);
    symlinkSync(other.path('bad.md'), store.path(BAD));
    const refused = await store.task(['update', 'bad', '--set', 'size=xl']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('leads out of the project');
    expect(other.read('bad.md')).toBe(taskFile('bad'));
  });
});

describe('text that would steer a terminal', () => {
  test('is shown as its code wherever a person reads it, and kept as it is for programs', async () => {
    const store = aStore();
    const title = '\u001b]0;owned\u0007\u202eevil';
    const escaped = JSON.stringify(title);
    const execution = `{attempts: [{started_at: 2025-11-02T15:03:00Z, ended_at: 2025-11-02T15:05:00Z, duration_seconds: 1, status: failed, error_reason: ${escaped}, executor: {tool: ${escaped}, model: ${escaped}}}]}`;
    store.write(
      BAD,
      taskFile(
        'bad',
        [`title: ${escaped}`, `labels: [${escaped}]`, `${escaped}: 1`, `execution: ${execution}`],
        title,
      ),
    );
    for (const words of [
      ['list'],
      ['show', 'bad'],
      ['stats'],
      ['validate'],
      ['list', '--state', title],
      ['show', title],
    ]) {
      const { stdout, stderr } = await store.task(words);
      expect(stdout + stderr).not.toMatch(/[\u0007\u001b\u202e]/);
    }
    const { document } = await store.json(taskListContract, ['list', '--label', title]);
    expect(document).toMatchObject([{ id: 'bad', title }]);
  });
});
