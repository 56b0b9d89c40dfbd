import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTextBounded } from '../files/bounded-read.ts';
import { gitLine } from './command.ts';

const LARGEST_REFS = 64 << 20;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * Commit that is checked out at the root of a working tree; null outside of git, without git, and before the first
 * commit. Git's own files say it where they are of the usual kind: starting git costs as much as a short stage.
 */
export async function checkedOutCommit(root: string): Promise<string | null> {
  const gitDir = gitDirectory(root);
  if (gitDir === undefined) return null;
  const known = commitIn(gitDir);
  if (known !== undefined) return known;
  const head = await gitLine(['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd: root });
  return head.ok && head.value !== undefined && head.value !== '' ? head.value : null;
}

/** Whole name of the ref of the branch that is checked out; null where none is. */
export function branchIn(gitDir: string): string | null {
  return /^ref: (refs\/\S+)$/.exec(textOf(join(gitDir, 'HEAD'))?.trim() ?? '')?.[1] ?? null;
}

/** A linked working tree and a submodule have a file that names it. */
function gitDirectory(root: string): string | undefined {
  const path = join(root, '.git');
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined || kind.isDirectory()) return kind === undefined ? undefined : path;
  const named = /^gitdir: (.+)$/m.exec(textOf(path) ?? '')?.[1];
  return named === undefined ? path : resolve(root, named.trim());
}

function commitIn(gitDir: string): string | undefined {
  const head = textOf(join(gitDir, 'HEAD'))?.trim();
  if (head === undefined || COMMIT.test(head)) return head;
  const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (ref === undefined || ref.includes('..')) return undefined;
  const common = textOf(join(gitDir, 'commondir'))?.trim();
  const commonDir = common === undefined ? gitDir : resolve(gitDir, common);
  const loose = textOf(join(commonDir, ref))?.trim();
  if (loose !== undefined) return COMMIT.test(loose) ? loose : undefined;
  const packed = textOf(join(commonDir, 'packed-refs')) ?? '';
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${ref}`));
  const commit = line?.slice(0, line.indexOf(' '));
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
}

function textOf(path: string): string | undefined {
  const text = readTextBounded(path, LARGEST_REFS);
  return text.ok ? text.value : undefined;
}
