import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { parseTask } from '../../../src/core/task/parse-task.ts';
import { changeTask, createTask } from '../../../src/edges/task/change-task.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-task-writes-'));
const root = join(base, 'project');
const file = join(root, 'tasks/10-ready/task-a.md');
const done = join(root, 'tasks/30-done/task-a.md');
const OLD = '---\r\nid: a # first\r\ntitle: T\r\nkind: task\r\nstate: ready\r\n---\r\nbody \u00e4\r\n\u0000';

beforeEach(begin);
afterAll(() => rmSync(base, { recursive: true, force: true }));

function begin(): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'tasks/10-ready'), { recursive: true });
  writeFileSync(file, OLD);
}

const read = (path = file): string => readFileSync(path, 'utf8');
const setTitle = (title: string) =>
  changeTask(root, 'a', () => ok({ changes: [{ kind: 'set', path: ['title'], value: title }] }));
const attemptsIn = (text: string) => parseTask(text, 'a').meta?.execution?.attempts ?? [];

/** Adds attempts, each with a note of its own; or moves the task to done. */
const program = bundleProgram(`
  import { changeTask } from './src/edges/task/change-task.ts';
  const [root, what, name, count] = process.argv.slice(2);
  const fail = (result) => {
    if (result.ok) return;
    process.stderr.write(JSON.stringify(result.error));
    process.exit(1);
  };
  if (what === 'move')
    fail(changeTask(root, 'a', () => ({
      ok: true,
      value: { changes: [{ kind: 'set', path: ['state'], value: 'done' }], moves: true },
    })));
  for (let index = 0; what === 'add' && index < Number(count); index += 1)
    fail(changeTask(root, 'a', () => ({
      ok: true,
      value: {
        changes: [{
          kind: 'add-attempt',
          attempt: {
            started_at: '2025-11-02T15:03:00.000Z', ended_at: '2025-11-02T15:05:00.000Z', duration_seconds: 120,
            status: 'completed', executor: { tool: 't' }, notes: name + index,
          },
        }],
      },
    })));
  // Dies in the middle of a change, with the lock in its hands.
  if (what === 'die') changeTask(root, 'a', () => process.kill(process.pid, 'SIGKILL'));
`);

describe('a change of a task', () => {
  test('writes what was asked for and no other byte', () => {
    const changed = setTitle('New: one');
    expect(changed.ok && changed.value.task.meta?.title).toBe('New: one');
    expect(read()).toBe(OLD.replace('title: T', 'title: "New: one"'));
  });

  test('keeps the permissions of the file, and leaves nothing of its own beside it', () => {
    chmodSync(file, 0o640);
    expect(setTitle('x').ok).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(root, 'tasks/10-ready'))).toEqual(['task-a.md']);
    expect(readdirSync(join(root, 'tasks/.lock')).filter((name) => name.endsWith('.new'))).toEqual([]);
    expect(read(join(root, 'tasks/.lock/.gitignore'))).toBe('*\n');
  });

  test('writes nothing when it is only to be looked at, or when it is refused', () => {
    const update = () => ok({ changes: [{ kind: 'set' as const, path: ['title'], value: 'x' }] });
    const looked = changeTask(root, 'a', update, { dryRun: true });
    expect(looked.ok && looked.value.after).toContain('title: x');
    const refused = changeTask(root, 'a', () =>
      ok({ changes: [{ kind: 'set', path: ['kind'], value: 'bug' }] }),
    );
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'task-invalid', file: 'tasks/10-ready/task-a.md' },
    });
    expect(read()).toBe(OLD);
  });

  test('takes the file to where it belongs, and not over another one', () => {
    const move = () =>
      changeTask(root, 'tasks/10-ready/task-a.md', () =>
        ok({ changes: [{ kind: 'set', path: ['state'], value: 'done' }], moves: true }),
      );
    mkdirSync(join(root, 'tasks/30-done'));
    writeFileSync(done, 'another');
    expect(move()).toMatchObject({ ok: false, error: { code: 'task-exists' } });
    expect([read(), read(done)]).toEqual([OLD, 'another']);
    rmSync(done);
    expect(move().ok).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(read(done)).toBe(OLD.replace('ready', 'done'));
  });

  test('goes through a link within the project, and not through one that leads out of it', () => {
    const link = join(root, 'tasks/10-ready/task-link.md');
    const real = join(root, 'real.md');
    writeFileSync(real, OLD.replace('id: a', 'id: link'));
    symlinkSync('../../real.md', link);
    const change = () =>
      changeTask(root, 'link', () => ok({ changes: [{ kind: 'set', path: ['title'], value: 'x' }] }));
    expect(change().ok).toBe(true);
    expect(read(real)).toContain('title: x\r\n');
    rmSync(link);
    writeFileSync(join(base, 'outside.md'), read(real));
    symlinkSync('../../../outside.md', link);
    expect(change()).toMatchObject({ ok: false, error: { code: 'task-uneditable' } });
  });
});

describe('a new task', () => {
  const meta = { id: 'new', title: 'New', kind: 'task' as const, state: 'idea' as const };

  test('is written into the directory of its state, and never over another one', () => {
    expect(createTask(root, meta, 'body\n').ok).toBe(true);
    expect(read(join(root, 'tasks/00-idea/task-new.md'))).toBe(
      '---\nid: new\ntitle: New\nkind: task\nstate: idea\n---\nbody\n',
    );
    const again = createTask(root, { ...meta, kind: 'story', state: 'ready' }, '');
    expect(again).toMatchObject({
      ok: false,
      error: { code: 'task-exists', file: 'tasks/00-idea/task-new.md' },
    });
  });

  test('with an id that is none is refused before anything is made', () => {
    expect(createTask(root, { ...meta, id: '../../x' }, '')).toMatchObject({
      ok: false,
      error: { code: 'task-invalid' },
    });
    expect(existsSync(join(root, 'tasks/.lock'))).toBe(false);
  });
});

describe('writers at the same time', () => {
  test('lose nothing: each attempt of four processes is there once', async () => {
    const run = promisify(execFile);
    await Promise.all(
      ['p', 'q', 'r', 's'].map((name) => run(process.execPath, [program, root, 'add', name, '6'])),
    );
    const notes = attemptsIn(read()).map(({ notes: note }) => note ?? '');
    const expected = ['p', 'q', 'r', 's'].flatMap((name) =>
      [0, 1, 2, 3, 4, 5].map((index) => `${name}${index}`),
    );
    expect(notes.toSorted()).toEqual(expected);
    // Each writer's own stand in the order in which it wrote them.
    expect(notes.filter((note) => note.startsWith('q'))).toEqual(expected.slice(6, 12));
  });

  test('are not held up by one that died with the lock in its hands', () => {
    expect(spawnSync(process.execPath, [program, root, 'die']).signal).toBe('SIGKILL');
    expect(read()).toBe(OLD);
    expect(setTitle('x').ok).toBe(true);
  });
});

describe('a writer killed at any change of a file', () => {
  const argv = (what: string) => [program, root, what, 'p', '1'];

  test('leaves the old file or the new one, whole, and the next writer goes on', () => {
    const seen = new Set<number>();
    const points = runUntilItSurvives({ argv: argv('add'), under: root, prepare: begin }, () => {
      const left = read();
      if (left !== OLD) expect(attemptsIn(left)).toHaveLength(1);
      expect(left.slice(left.indexOf('body'))).toBe(OLD.slice(OLD.indexOf('body')));
      seen.add(attemptsIn(left).length);
      expect(setTitle('after').ok).toBe(true);
      expect(attemptsIn(read())).toHaveLength(attemptsIn(left).length);
    });
    expect(points).toBeGreaterThan(3);
    expect([...seen].toSorted()).toEqual([0, 1]);
  });

  test('while it moves the file leaves one file, in one of the two places', () => {
    runUntilItSurvives({ argv: argv('move'), under: root, prepare: begin }, () => {
      expect([existsSync(file), existsSync(done)].filter(Boolean)).toHaveLength(1);
      const left = read(existsSync(file) ? file : done);
      expect([OLD, OLD.replace('ready', 'done')]).toContain(left);
    });
    expect(read(done)).toBe(OLD.replace('ready', 'done'));
  });
});

describe('a disk that refuses', () => {
  test.each([
    ['EROFS', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['EACCES', [1, 3]],
    ['ENOSPC', [2, 6]],
  ])('is a problem that says so, and the file is old or new as a whole: %s', (code, points) => {
    for (const at of points) {
      begin();
      const result = runWithFaults({ argv: [program, root, 'add', 'p', '1'], under: root }, { code, at });
      const left = read();
      expect(left === OLD || attemptsIn(left).length === 1).toBe(true);
      if (result.status === 0) continue;
      const problem = JSON.parse(result.stderr) as { message: string; code: string };
      expect(problem.message).toContain(code);
      expect(problem.message).toMatch(/^[a-z]/);
    }
  });
});
