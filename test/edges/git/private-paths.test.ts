import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isPrivatePath } from '../../../src/edges/git/private-paths.ts';
import { createRepository } from '../../../src/edges/git/repository.ts';
import type { Repository } from '../../../src/engine/ports.ts';
import { expectValue, type TemporaryRepository, temporaryRepository } from './temporary-repository.ts';

const GLOBS = ['**/tasks/[0-4]0-[cdir]*/*.md', '**/tasks/*/*task-*.md', 'state'];
const PRIVATE = [
  'packages/shop/tasks/30-done/2026-01-05 task-login.md',
  'state/runs/journal.jsonl',
  'tasks/10-ready/by hand.md',
  'tasks/later/task-login.md',
];
const PUBLIC = [
  'packages/tasks/readme.md',
  'src/state.js',
  'tasks/10-ready/notes/deeper.md',
  'tasks/10-ready/task.txt',
  'tasks/50-other/login.md',
  'tasks/later/readme.md',
  'tasks/later/task-loginXmd',
  'xtasks/10-ready/login.md',
];

let project: TemporaryRepository;
let repository: Repository;

beforeEach(() => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  project = temporaryRepository();
  repository = createRepository(project.root, { privatePaths: GLOBS });
  for (const path of [...PRIVATE, ...PUBLIC]) project.write(path, 'first\n');
});

afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

function change(): void {
  for (const path of [...PRIVATE, ...PUBLIC]) project.write(path, 'second\n');
}

test('git and this program are of one mind about which files a glob means', async () => {
  const { tree } = expectValue(await repository.checkpoint('run/alex/1', 'before alex'));
  const held = project.git('ls-tree', '-r', '--name-only', '-z', tree).split('\0').slice(0, -1);
  expect(held).toEqual(PUBLIC);
  expect([...PRIVATE, ...PUBLIC].filter((path) => !isPrivatePath(path, GLOBS))).toEqual(PUBLIC);
});

test('what a glob means is no change, is not restored and is not committed, also where git knows it', async () => {
  project.git('add', '-A');
  project.git('commit', '-qm', 'begin');
  const before = expectValue(await repository.checkpoint('run/alex/1', 'before alex'));
  change();
  const changes = expectValue(await repository.changesSince(before));
  expect(changes.map(({ path }) => path)).toEqual(PUBLIC);
  expectValue(await repository.restore(before, [...PRIVATE, ...PUBLIC]));
  expect(PRIVATE.map((path) => project.text(path))).toEqual(PRIVATE.map(() => 'second\n'));
  expect(PUBLIC.map((path) => project.text(path))).toEqual(PUBLIC.map(() => 'first\n'));
  change();
  expectValue(await repository.commit([...PRIVATE, ...PUBLIC], 'all'));
  const committed = project.git('show', '--format=', '--name-only', '-z', 'HEAD').split('\0').slice(0, -1);
  expect(committed).toEqual(PUBLIC);
  expect(expectValue(await repository.state()).dirty).toEqual([]);
});
