import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { taskDetailsContract } from '../../src/interfaces/contract/task.ts';
import { BIN, type Ended, MACHINE } from '../rig/cli.ts';
import { runUntilItSurvives } from '../rig/crash.ts';
import { attempt, type TaskStore, taskFile, taskStore } from '../rig/task-store.ts';

const READY = 'tasks/10-ready/task-a.md';
const TEXT = taskFile('a', ['state: ready  # soon', 'strange: {x: [1]}']);

function aStore(): TaskStore {
  const store = taskStore({ [READY]: TEXT });
  onTestFinished(() => store.remove());
  return store;
}

test('eight writers of one task at the same time lose nothing', { timeout: 180_000 }, async () => {
  const store = aStore();
  const notes = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
  const ended = await Promise.all([
    ...notes.map((note) => patient(store, ['update', 'a', '--add-attempt', attempt({ notes: note })])),
    patient(store, ['move', 'a', 'in-progress']),
    patient(store, ['update', 'a', '--set', 'priority=urgent']),
  ]);
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    ended.map(() => ({ code: 0, stderr: '' })),
  );
  const { document } = await store.json(taskDetailsContract, ['show', 'a']);
  expect(document.task).toMatchObject({ state: 'in-progress', priority: 'urgent', strange: { x: [1] } });
  expect(document.task?.execution?.attempts.map((one) => one.notes).sort()).toEqual(notes);
  expect(store.files()).toEqual(['tasks/20-in-progress/task-a.md']);
});

test('a writer that is killed at any moment leaves the old file or the new one, and nobody locked out', {
  timeout: 300_000,
}, async () => {
  const store = aStore();
  const places = new Set<string>();
  const here = process.cwd();
  onTestFinished(() => process.chdir(here));
  process.chdir(store.root);
  const killed = runUntilItSurvives(
    {
      argv: [BIN, 'task', 'update', 'a', '--set', 'state=done', '--add-attempt', attempt()],
      under: store.path('tasks'),
      env: MACHINE,
      prepare: () => {
        rmSync(store.path('tasks'), { recursive: true, force: true });
        store.write(READY, TEXT);
      },
    },
    () => {
      const [file = '', ...others] = store.files();
      expect(others).toEqual([]);
      const text = store.read(file);
      const isNew = text !== TEXT;
      places.add(`${isNew ? 'new' : 'old'} in ${file.split('/')[1]}`);
      if (isNew) expect(text.match(/state: done|duration_seconds: 120|completed_at: /g)).toHaveLength(3);
      expect(text.endsWith('---\n\nSome text.\n')).toBe(true);
    },
  );
  expect(killed).toBeGreaterThan(5);
  expect(places).toContain('old in 10-ready');
  expect(places).toContain('new in 10-ready');
});

/** On a disk that takes seconds for each write, a writer may be told to come again: then it has written nothing. */
async function patient(store: TaskStore, words: readonly string[]): Promise<Ended> {
  const ended = await store.task(words);
  return ended.stderr.includes('another process has been changing tasks') ? patient(store, words) : ended;
}
