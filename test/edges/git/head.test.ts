import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkedOutCommit } from '../../../src/edges/git/head.ts';
import { temporaryRepository } from './temporary-repository.ts';

test('tells the commit that is checked out, wherever git keeps it', async () => {
  const repository = temporaryRepository();
  expect(await checkedOutCommit(repository.root)).toBeNull();
  repository.git('commit', '-q', '--allow-empty', '-m', 'one');
  const first = repository.git('rev-parse', 'HEAD').trim();
  expect(await checkedOutCommit(repository.root)).toBe(first);
  repository.git('switch', '-q', '-c', 'feature/x');
  repository.git('commit', '-q', '--allow-empty', '-m', 'two');
  const second = repository.git('rev-parse', 'HEAD').trim();
  repository.git('pack-refs', '--all');
  expect(await checkedOutCommit(repository.root)).toBe(second);
  const linked = join(repository.root, 'linked');
  repository.git('worktree', 'add', '-q', linked, 'main');
  expect(await checkedOutCommit(linked)).toBe(first);
  repository.git('switch', '-q', '--detach', first);
  expect(await checkedOutCommit(repository.root)).toBe(first);
  repository.remove();
});

test('there is none outside of git', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-plain-'));
  expect(await checkedOutCommit(directory)).toBeNull();
  rmSync(directory, { recursive: true });
});
