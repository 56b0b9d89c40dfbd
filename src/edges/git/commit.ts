import { rm, writeFile } from 'node:fs/promises';
import { fail, ok, type Result } from '../../core/result.ts';
import { askGit, gitLine, gitProblem, lastPart, runGit } from './command.ts';
import { isPrivatePath, publicPathspecs } from './private-paths.ts';
import type { Shadow } from './shadow.ts';
import { readStatus } from './status.ts';

export interface CommitOrder {
  readonly shadow: Shadow;
  readonly paths: readonly string[];
  readonly message: string;
  readonly additional: readonly string[];
}

/** Would git commit here, or does it not know who does? */
export async function checkCommitter(cwd: string): Promise<Result<void>> {
  const committer = await askGit(['var', 'GIT_COMMITTER_IDENT'], { cwd });
  if (!committer.ok) return committer;
  if (committer.value.exitCode === 0) return ok(undefined);
  return fail({
    code: 'no-identity',
    message: 'git does not know who commits',
    hint: 'git config --global user.name "…" && git config --global user.email "…"',
  });
}

/**
 * One commit with exactly these paths as they are in the working tree. What else is staged stays staged.
 * The user's hooks, signing and identity apply. Ignored, private and unchanged paths are left out.
 */
export async function commitPaths(order: CommitOrder): Promise<Result<{ readonly commit: string }>> {
  const cwd = order.shadow.root;
  const status = await readStatus(cwd, publicPathspecs(order.additional));
  if (!status.ok) return status;
  const asked = new Set(order.paths.filter((path) => !isPrivatePath(path, order.additional)));
  const chosen = status.value.filter((entry) => asked.has(entry.path) && !entry.embedded);
  if (chosen.length === 0) {
    return fail({ code: 'nothing-to-commit', message: 'none of the files differs from the last commit' });
  }
  const known = await checkCommitter(cwd);
  if (!known.ok) return known;
  return commitChosen(
    order,
    chosen.map((entry) => entry.path),
    chosen.filter((entry) => entry.untracked).map((entry) => entry.path),
  );
}

async function commitChosen(
  order: CommitOrder,
  chosen: readonly string[],
  untracked: readonly string[],
): Promise<Result<{ readonly commit: string }>> {
  const cwd = order.shadow.root;
  // git takes a path into a partial commit only if it has heard of it.
  const announced = await announce(cwd, untracked);
  if (!announced.ok) return announced;
  const messageFile = order.shadow.newIndex();
  await writeFile(messageFile, order.message, { mode: 0o600 });
  const args = ['commit', '--quiet', '--only', `--file=${messageFile}`, ...fromStandardInput];
  const done = await askGit(args, { cwd, input: pathspecs(chosen), manner: 'as-user' });
  await rm(messageFile, { force: true });
  if (!done.ok || done.value.exitCode !== 0) {
    await forget(cwd, untracked);
    if (!done.ok) return done;
    const said = `${done.value.stdout.toString('utf8')}\n${done.value.stderr}`.trim();
    return fail({
      code: 'commit-refused',
      message: `git or one of its hooks refused the commit${said === '' ? '' : `:\n${lastPart(said)}`}`,
      hint: 'everything is left in place; mend the cause and commit again',
    });
  }
  const head = await gitLine(['rev-parse', '--verify', 'HEAD'], { cwd });
  if (!head.ok) return head;
  return ok({ commit: head.value ?? '' });
}

const fromStandardInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];

/** A prefix instead of GIT_LITERAL_PATHSPECS: that variable would reach the user's hooks. */
function pathspecs(paths: readonly string[]): string {
  return paths.map((path) => `:(top,literal)${path}\0`).join('');
}

async function announce(cwd: string, paths: readonly string[]): Promise<Result<void>> {
  if (paths.length === 0) return ok(undefined);
  const args = ['add', '--intent-to-add', ...fromStandardInput];
  const added = await askGit(args, { cwd, input: pathspecs(paths) });
  if (!added.ok) return added;
  return added.value.exitCode === 0 ? ok(undefined) : fail(gitProblem(args, added.value));
}

/** Takes the announced files out of the index again, as they were not in it before. */
async function forget(cwd: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const input = paths.map((path) => `${path}\0`).join('');
  await runGit(['update-index', '-z', '--force-remove', '--stdin'], { cwd, input });
}
