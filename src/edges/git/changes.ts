import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { Checkpoint, FileChange } from '../../engine/ports.ts';
import { nulSeparated, nulTerminated, runGit } from './command.ts';
import { behindSymlink } from './safe-path.ts';
import type { Shadow } from './shadow.ts';
import { discardIndex } from './snapshot.ts';

/** What differs between two trees, file by file. */
export async function compareTrees(
  root: string,
  before: string,
  after: string,
): Promise<Result<readonly FileChange[]>> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-status', before, after];
  const output = await runGit(args, { cwd: root });
  if (!output.ok) return output;
  return ok(readDifferences(output.value));
}

/** Reads what `diff-tree -z --name-status` printed. */
export function readDifferences(output: Buffer): readonly FileChange[] {
  const fields = nulSeparated(output);
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    changes.push({ path: fields[at + 1] ?? '', kind: KINDS[fields[at] ?? ''] ?? 'update' });
  }
  return changes;
}

/** Unified diff, or its summary, of the given paths between a checkpoint and the working tree. */
export async function diffOf(
  shadow: Shadow,
  checkpoint: Checkpoint,
  paths: readonly string[],
  options: { readonly stat: boolean; readonly colour: boolean },
): Promise<Result<string>> {
  const index = shadow.newIndex();
  try {
    const now = await treeWithPaths(shadow, index, checkpoint.tree, paths);
    if (!now.ok) return now;
    const output = await runGit(
      [
        'diff-tree',
        '-r',
        '-M',
        '--no-ext-diff',
        '--no-textconv',
        `--color=${options.colour ? 'always' : 'never'}`,
        ...(options.stat ? ['--stat=100'] : ['-p']),
        checkpoint.tree,
        now.value,
      ],
      { cwd: shadow.root },
    );
    return output.ok ? ok(output.value.toString('utf8')) : output;
  } finally {
    await discardIndex(index);
  }
}

const KINDS: Readonly<Record<string, FileChange['kind']>> = { A: 'create', D: 'delete' };

/** The tree of the checkpoint with only these paths as they are now. */
async function treeWithPaths(
  shadow: Shadow,
  index: string,
  tree: string,
  paths: readonly string[],
): Promise<Result<string>> {
  const git = { cwd: shadow.root, env: shadow.environment(index) };
  const read = await runGit(['read-tree', tree], git);
  if (!read.ok) return read;
  const present: string[] = [];
  const gone: string[] = [];
  for (const path of paths) ((await isFile(shadow.root, path)) ? present : gone).push(path);
  const removals = gone.map((path) => `0 ${'0'.repeat(tree.length)}\t${path}\0`).join('');
  const removed = await runGit(['update-index', '-z', '--index-info'], { ...git, input: removals });
  if (!removed.ok) return removed;
  const added = await runGit(['update-index', '--add', '--replace', '-z', '--stdin'], {
    ...git,
    input: nulTerminated(present),
  });
  if (!added.ok) return added;
  const written = await runGit(['write-tree'], git);
  return written.ok ? ok(written.value.toString('utf8').trim()) : written;
}

/** A file or link of the project itself; a repository within it shows no content of its own. */
async function isFile(root: string, path: string): Promise<boolean> {
  if (await behindSymlink(root, path)) return false;
  const found = await lstat(join(root, path)).catch(() => undefined);
  return found !== undefined && !found.isDirectory();
}
