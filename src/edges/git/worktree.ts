import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { askGit, gitLine, gitProblem, nulSeparated, runGit } from './command.ts';
import { ensureExcluded } from './exclude.ts';
import { readStatus } from './status.ts';

/** Not below `.claude`, where coding agents keep their own settings and some refuse to write anything else. */
const WORKTREES = '.worktrees';

export interface FeatureWorktree {
  /** Absolute: `.worktrees/<slug>` in the main working tree. */
  readonly path: string;
  /** `feature/<slug>`. */
  readonly branch: string;
  /** False if it was there already. */
  readonly created: boolean;
}

/** What became of a worktree; `reason` says why it stays. */
export type WorktreeRemoval =
  | { readonly removed: true; readonly branchDeleted: boolean }
  | { readonly removed: false; readonly reason: string };

/** A working tree for one feature on a branch of its own; the one that is there already is taken up again. */
export async function addWorktree(mainRoot: string, slug: string): Promise<Result<FeatureWorktree>> {
  const planned = plan(mainRoot, slug);
  if (!planned.ok) return planned;
  const { path, branch } = planned.value;
  const known = await findWorktree(mainRoot, path);
  if (!known.ok) return known;
  if (known.value !== undefined && !known.value.prunable) return takeUp(known.value, path, branch);
  // A registration whose directory was deleted would keep the branch occupied.
  if (known.value?.prunable) await runGit(['worktree', 'prune'], { cwd: mainRoot });
  const head = await gitLine(['rev-parse', '-q', '--verify', 'HEAD^{commit}'], { cwd: mainRoot });
  if (!head.ok) return head;
  if (head.value === undefined) {
    return fail({
      code: 'no-commit',
      message: 'a worktree needs a commit to start from, and this repository has none',
      hint: 'git commit --allow-empty -m "Start"',
    });
  }
  const excluded = await ensureExcluded(mainRoot, `${WORKTREES}/`);
  if (!excluded.ok) return excluded;
  const exists = await gitLine(['rev-parse', '-q', '--verify', `refs/heads/${branch}`], { cwd: mainRoot });
  if (!exists.ok) return exists;
  const args = [
    'worktree',
    'add',
    ...(exists.value === undefined ? ['-b', branch, path, 'HEAD'] : [path, branch]),
  ];
  const added = await askGit(args, { cwd: mainRoot, manner: 'as-user' });
  if (!added.ok) return added;
  if (added.value.exitCode !== 0) return fail(gitProblem(args, added.value));
  return ok({ path, branch, created: true });
}

/**
 * Removes the worktree of a feature and its branch, but only if nothing is lost: no changed or untracked file,
 * nothing half done, and everything committed there is contained in `into` (by default what the main working
 * tree has checked out).
 */
export async function removeWorktreeIfMergedAndClean(
  mainRoot: string,
  slug: string,
  into = 'HEAD',
): Promise<Result<WorktreeRemoval>> {
  const planned = plan(mainRoot, slug);
  if (!planned.ok) return planned;
  const { path, branch } = planned.value;
  const known = await findWorktree(mainRoot, path);
  if (!known.ok) return known;
  if (known.value === undefined || known.value.prunable) return stays('there is no worktree of this feature');
  if (known.value.branch !== `refs/heads/${branch}`) return stays(`it is not on ${branch}`);
  const status = await readStatus(path, []);
  if (!status.ok) return status;
  if (status.value.length > 0) {
    return stays(`it has uncommitted changes, such as ${JSON.stringify(status.value[0]?.path)}`);
  }
  const merged = await askGit(['merge-base', '--is-ancestor', `refs/heads/${branch}`, into], {
    cwd: mainRoot,
  });
  if (!merged.ok) return merged;
  if (merged.value.exitCode !== 0) return stays(`${branch} is not merged`);
  // Without --force git itself refuses what is locked or no longer clean.
  const removed = await askGit(['worktree', 'remove', '--', path], { cwd: mainRoot });
  if (!removed.ok) return removed;
  if (removed.value.exitCode !== 0) return stays(removed.value.stderr.trim());
  const deleted = await askGit(['branch', '-d', '--', branch], { cwd: mainRoot });
  return ok({ removed: true, branchDeleted: deleted.ok && deleted.value.exitCode === 0 });
}

function plan(mainRoot: string, slug: string): Result<{ readonly path: string; readonly branch: string }> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)) {
    return fail({
      code: 'bad-slug',
      message: `${JSON.stringify(slug)} is not a slug`,
      hint: 'such as your-slug',
    });
  }
  return ok({ path: join(mainRoot, WORKTREES, slug), branch: `feature/${slug}` });
}

function stays(reason: string): Result<WorktreeRemoval> {
  return ok({ removed: false, reason });
}

interface KnownWorktree {
  /** Full ref; absent when detached. */
  readonly branch?: string;
  /** Its directory is gone. */
  readonly prunable: boolean;
}

async function findWorktree(mainRoot: string, path: string): Promise<Result<KnownWorktree | undefined>> {
  const listed = await runGit(['worktree', 'list', '--porcelain', '-z'], { cwd: mainRoot });
  if (!listed.ok) return listed;
  const wanted = await realpath(path).catch(() => path);
  const parent = await realpath(mainRoot).catch(() => mainRoot);
  const names = new Set([path, wanted, join(parent, path.slice(mainRoot.length))]);
  let inside = false;
  let found: { branch?: string; prunable: boolean } | undefined;
  for (const line of nulSeparated(listed.value)) {
    const [word = '', ...rest] = line.split(' ');
    const value = rest.join(' ');
    if (word === 'worktree') inside = names.has(value);
    if (!inside) continue;
    if (word === 'worktree') found = { prunable: false };
    else if (word === 'branch' && found !== undefined) found.branch = value;
    else if (word === 'prunable' && found !== undefined) found.prunable = true;
  }
  return ok(found);
}

function takeUp(known: KnownWorktree, path: string, branch: string): Result<FeatureWorktree> {
  if (known.branch === `refs/heads/${branch}`) return ok({ path, branch, created: false });
  const problem: Problem = {
    code: 'worktree-elsewhere',
    message: `the worktree is not on ${branch}`,
    file: path,
    hint: `git -C ${path} switch ${branch}`,
  };
  return fail(problem);
}
