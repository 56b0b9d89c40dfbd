import { copyFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { askGit, gitProblem, nulSeparated, runGit } from './command.ts';
import type { Location } from './location.ts';
import { privatePathspecs, publicPathspecs } from './private-paths.ts';
import type { Shadow } from './shadow.ts';

export interface SnapshotOptions {
  /** Private paths beside the usual ones. */
  readonly additional: readonly string[];
  /** An index of an earlier snapshot: only files that changed since are read. */
  readonly cache?: string;
}

/** A tree with the bytes of the whole working tree; ignored and private files excepted. */
export async function takeSnapshot(
  place: Location,
  shadow: Shadow,
  options: SnapshotOptions,
): Promise<Result<{ readonly tree: string; readonly index: string }>> {
  const index = shadow.newIndex();
  const seeded = await seed(place, shadow, index, options);
  if (!seeded.ok) return seeded;
  const git = { cwd: place.root, env: shadow.environment(index) };
  const added = await addAll(git, options.additional);
  if (!added.ok) {
    await discardIndex(index);
    return added;
  }
  const tree = await runGit(['write-tree'], git);
  if (tree.ok) return ok({ tree: tree.value.toString('utf8').trim(), index });
  await discardIndex(index);
  if (options.cache === undefined) return tree;
  // Objects of the cached index may have been pruned meanwhile; reading every file again brings them back.
  return takeSnapshot(place, shadow, { additional: options.additional });
}

/** Removes a temporary index. */
export async function discardIndex(index: string): Promise<void> {
  await rm(index, { force: true });
  await rm(`${index}.lock`, { force: true });
}

interface ShadowGit {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function seed(
  place: Location,
  shadow: Shadow,
  index: string,
  options: SnapshotOptions,
): Promise<Result<void>> {
  if (options.cache !== undefined) {
    await copyIndex(options.cache, index);
    return ok(undefined);
  }
  const shareable = await holdsRawBytes(place);
  if (!shareable.ok) return shareable;
  if (!shareable.value || !(await copyIndex(join(place.gitDir, 'index'), index))) return ok(undefined);
  const removed = await runGit(
    [
      'rm',
      '--cached',
      '-r',
      '-q',
      '-f',
      '--sparse',
      '--ignore-unmatch',
      '--',
      ...privatePathspecs(options.additional),
    ],
    { cwd: place.root, env: shadow.environment(index) },
  );
  return removed.ok ? ok(undefined) : removed;
}

/**
 * Copies an index with a time that is not later than its own: git reads again what was changed at or after it,
 * and would otherwise miss a file written in the same tick as the original.
 */
export async function copyIndex(from: string, to: string): Promise<boolean> {
  const found = await stat(from).catch(() => undefined);
  if (found === undefined) return false;
  await copyFile(from, to);
  const second = Math.floor(found.mtimeMs / 1000);
  await utimes(to, second, second);
  return true;
}

/** Are the user's index entries the bytes of the files? Not where line ends or encodings are converted. */
async function holdsRawBytes(place: Location): Promise<Result<boolean>> {
  const cwd = place.root;
  const autocrlf = await askGit(['config', '--get', 'core.autocrlf'], { cwd });
  if (!autocrlf.ok) return autocrlf;
  if (!['', 'false'].includes(autocrlf.value.stdout.toString('utf8').trim())) return ok(false);
  const files = await runGit(['ls-files', '-z'], { cwd });
  if (!files.ok) return files;
  const names = ['text', 'eol', 'ident', 'working-tree-encoding'];
  const attributes = await askGit(['check-attr', '--stdin', '-z', ...names], { cwd, input: files.value });
  if (!attributes.ok) return attributes;
  if (attributes.value.exitCode !== 0 || attributes.value.truncated) return ok(false);
  const fields = nulSeparated(attributes.value.stdout);
  for (let at = 2; at < fields.length; at += 3) {
    if (fields[at] !== 'unspecified' && fields[at] !== 'unset') return ok(false);
  }
  return ok(true);
}

async function addAll(git: ShadowGit, additional: readonly string[]): Promise<Result<void>> {
  const args = ['add', '-A', '--sparse', '--ignore-errors', '--', ...publicPathspecs(additional)];
  const added = await askGit(args, git);
  if (!added.ok) return added;
  if (added.value.exitCode === 0 || onlyEmptyRepositories(added.value.stderr)) return ok(undefined);
  return fail(gitProblem(args, added.value));
}

/** A directory that someone just made a repository of has nothing that could be recorded yet. */
function onlyEmptyRepositories(stderr: string): boolean {
  const errors = stderr.split('\n').filter((line) => /^(error|fatal):/.test(line));
  return errors.length > 0 && errors.every((line) => line.endsWith('does not have a commit checked out'));
}
