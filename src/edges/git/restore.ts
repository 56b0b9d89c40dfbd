import { lstat, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Checkpoint } from '../../engine/ports.ts';
import { askGit, gitProblem, nulSeparated, nulTerminated, runGit } from './command.ts';
import { isPrivatePath } from './private-paths.ts';
import { behindSymlink, unsafePath } from './safe-path.ts';
import type { Shadow } from './shadow.ts';
import { discardIndex } from './snapshot.ts';

/**
 * Puts files back as a checkpoint has them, and removes those it does not have. Private files, ignored files and
 * repositories within the project are left as they are: a checkpoint never held them.
 */
export async function restorePaths(
  shadow: Shadow,
  checkpoint: Checkpoint,
  paths: readonly string[],
  additional: readonly string[],
): Promise<Result<void>> {
  for (const path of paths) {
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) return fail(unsafe);
  }
  const recorded = await entriesOf(shadow.root, checkpoint.tree);
  if (!recorded.ok) return recorded;
  const wanted = [...new Set(paths)].filter((path) => !isPrivatePath(path, additional));
  const held = wanted.filter((path) => recorded.value.has(path));
  // The rules of what is ignored come back first: a file that the checkpoint left out as ignored must not be deleted.
  const rules = held.filter((path) => /(^|\/)\.gitignore$/.test(path));
  const first = await write(shadow, recorded.value, rules);
  if (!first.ok) return first;
  const removed = await remove(
    shadow,
    wanted.filter((path) => !recorded.value.has(path)),
  );
  if (!removed.ok) return removed;
  return write(
    shadow,
    recorded.value,
    held.filter((path) => !rules.includes(path)),
  );
}

interface Entry {
  readonly mode: string;
  readonly object: string;
}

const GITLINK = '160000';

async function entriesOf(root: string, tree: string): Promise<Result<ReadonlyMap<string, Entry>>> {
  const output = await runGit(['ls-tree', '-r', '-z', tree], { cwd: root });
  if (!output.ok) return output;
  const entries = new Map<string, Entry>();
  for (const record of nulSeparated(output.value)) {
    const tab = record.indexOf('\t');
    const [mode = '', , object = ''] = record.slice(0, tab).split(' ');
    entries.set(record.slice(tab + 1), { mode, object });
  }
  return ok(entries);
}

async function remove(shadow: Shadow, paths: readonly string[]): Promise<Result<void>> {
  const ignored = await ignoredAmong(shadow, paths);
  if (!ignored.ok) return ignored;
  for (const path of paths) {
    if (ignored.value.has(path) || (await behindSymlink(shadow.root, path))) continue;
    const absolute = join(shadow.root, path);
    const found = await lstat(absolute).catch(() => undefined);
    if (found === undefined || found.isDirectory()) continue;
    await unlink(absolute);
    await removeEmptyParents(shadow.root, dirname(absolute));
  }
  return ok(undefined);
}

async function ignoredAmong(shadow: Shadow, paths: readonly string[]): Promise<Result<ReadonlySet<string>>> {
  if (paths.length === 0) return ok(new Set());
  const index = shadow.newIndex();
  // git refuses to judge a path behind a symbolic link; such a path is not deleted anyway.
  const judged: string[] = [];
  for (const path of paths) if (!(await behindSymlink(shadow.root, path))) judged.push(path);
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  const asked = await askGit(args, {
    cwd: shadow.root,
    env: shadow.environment(index),
    input: nulTerminated(judged),
  });
  if (!asked.ok) return asked;
  const noneIgnored = 1;
  if (asked.value.exitCode !== 0 && asked.value.exitCode !== noneIgnored) {
    return fail(gitProblem(args, asked.value));
  }
  return ok(new Set(nulSeparated(asked.value.stdout)));
}

/** Writes the recorded bytes, links and mode bits. */
async function write(
  shadow: Shadow,
  recorded: ReadonlyMap<string, Entry>,
  paths: readonly string[],
): Promise<Result<void>> {
  const files: string[] = [];
  for (const path of paths) {
    if (recorded.get(path)?.mode === GITLINK) continue;
    if (!(await makeRoom(shadow.root, path))) {
      return fail({
        code: 'path-occupied',
        message: 'a directory that is not empty stands where a file is to be put back',
        file: path,
        hint: 'move the directory away and try again',
      });
    }
    files.push(path);
  }
  if (files.length === 0) return ok(undefined);
  const index = shadow.newIndex();
  const git = { cwd: shadow.root, env: shadow.environment(index) };
  try {
    const lines = files.map((path) => {
      const entry = recorded.get(path);
      return `${entry?.mode} ${entry?.object}\t${path}\0`;
    });
    const filled = await runGit(['update-index', '-z', '--index-info'], { ...git, input: lines.join('') });
    if (!filled.ok) return filled;
    const args = ['checkout-index', '-f', '-q', '-z', '--stdin'];
    const written = await runGit(args, { ...git, input: nulTerminated(files) });
    return written.ok ? ok(undefined) : written;
  } finally {
    await discardIndex(index);
  }
}

/** Removes an empty directory that took the file's place; false if it is not empty. */
async function makeRoom(root: string, path: string): Promise<boolean> {
  if (await behindSymlink(root, path)) return true;
  const absolute = join(root, path);
  const found = await lstat(absolute).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return true;
  return rmdir(absolute).then(
    () => true,
    () => false,
  );
}

async function removeEmptyParents(root: string, directory: string): Promise<void> {
  if (directory === root || !directory.startsWith(root)) return;
  const removed = await rmdir(directory).then(
    () => true,
    () => false,
  );
  if (removed) await removeEmptyParents(root, dirname(directory));
}
