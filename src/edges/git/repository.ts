import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { CheckedOut, Checkpoint, FileChange, Repository, WorkingTreeState } from '../../engine/ports.ts';
import { compareTrees, diffOf, readDifferences } from './changes.ts';
import { gitLine, runGit } from './command.ts';
import { checkCommitter, commitPaths } from './commit.ts';
import { branchIn } from './head.ts';
import { readIdentity } from './identity.ts';
import { type Location, locate } from './location.ts';
import { publicPathspecs } from './private-paths.ts';
import { restorePaths } from './restore.ts';
import { openShadow, type Shadow } from './shadow.ts';
import { copyIndex, discardIndex, takeSnapshot } from './snapshot.ts';
import { scriptedChanges, scriptedCheckpoint } from './snapshot-script.ts';
import { readStatus } from './status.ts';

export interface RepositoryOptions {
  /**
   * Directories and files, relative to the root of the working tree, that are never recorded (a state directory
   * elsewhere). One that begins with two stars and a slash is a glob of files at any depth.
   */
  readonly privatePaths?: readonly string[];
}

/** Prefix of the private refs that keep checkpoints alive. */
export const CHECKPOINT_REFS = 'refs/murmur8/';

/** The git repository around a directory; git itself is asked on first use. */
export function createRepository(cwd: string, options: RepositoryOptions = {}): Repository {
  const additional = options.privatePaths ?? [];
  let opened: Promise<Result<{ place: Location; shadow: Shadow }>> | undefined;
  let cache: string | undefined;

  async function open(): Promise<Result<{ place: Location; shadow: Shadow }>> {
    opened ??= openRepository(cwd);
    const result = await opened;
    // A directory may become a repository later: only success is remembered.
    if (!result.ok) opened = undefined;
    return result;
  }

  async function within<T>(use: (shadow: Shadow, place: Location) => Promise<Result<T>>): Promise<Result<T>> {
    const found = await open();
    return found.ok ? use(found.value.shadow, found.value.place) : found;
  }

  async function replaceCache(index: string): Promise<void> {
    const previous = cache;
    cache = index;
    if (previous !== undefined) await discardIndex(previous);
  }

  async function checkpointByScript(shadow: Shadow, from: string, name: string, message: string) {
    const index = shadow.newIndex();
    await copyIndex(from, index);
    const ref = `${CHECKPOINT_REFS}${name}`;
    const pathspecs = publicPathspecs(additional);
    const made = await scriptedCheckpoint({ shadow, index, pathspecs, ref, message, identity: OWN_IDENTITY });
    if (made !== undefined) return { made, index };
    await discardIndex(index);
    return undefined;
  }

  function lookSince(checkpoint: Checkpoint) {
    return within(async (shadow, place) => {
      const quick = cache === undefined ? undefined : await lookByScript(shadow, cache, checkpoint);
      const seen = quick === undefined ? await lookStepByStep(shadow, place, checkpoint) : ok(quick);
      return seen.ok ? ok({ ...seen.value, branch: branchIn(place.gitDir) }) : seen;
    });
  }

  async function lookByScript(shadow: Shadow, from: string, { tree: before }: Checkpoint) {
    const index = shadow.newIndex();
    await copyIndex(from, index);
    const found = await scriptedChanges({ shadow, index, pathspecs: publicPathspecs(additional), before });
    await discardIndex(index);
    return found === undefined
      ? undefined
      : { head: found.head, changes: readDifferences(found.differences) };
  }

  async function lookStepByStep(
    shadow: Shadow,
    place: Location,
    checkpoint: Checkpoint,
  ): Promise<Result<{ readonly head: string | null; readonly changes: readonly FileChange[] }>> {
    const head = await headOf(place.root);
    if (!head.ok) return head;
    const now = await takeSnapshot(place, shadow, { additional, ...(cache ? { cache } : {}) });
    if (!now.ok) return now;
    await discardIndex(now.value.index);
    if (now.value.tree === checkpoint.tree) return ok({ head: head.value, changes: [] });
    const changes = await compareTrees(place.root, checkpoint.tree, now.value.tree);
    return changes.ok ? ok({ head: head.value, changes: changes.value }) : changes;
  }

  return {
    async state() {
      const place = await locate(cwd);
      return place.ok ? readState(place.value, additional) : place;
    },
    checkpoint: (name, message) =>
      within(async (shadow, place) => {
        if (!isRefName(name)) return fail(badName(name));
        const quick =
          cache === undefined ? undefined : await checkpointByScript(shadow, cache, name, message);
        if (quick !== undefined) {
          await replaceCache(quick.index);
          return ok({ ...quick.made, branch: branchIn(place.gitDir) });
        }
        const taken = await takeSnapshot(place, shadow, { additional, ...(cache ? { cache } : {}) });
        if (!taken.ok) return taken;
        const recorded = await record(place.root, taken.value.tree, name, message);
        if (!recorded.ok) {
          await discardIndex(taken.value.index);
          return recorded;
        }
        await replaceCache(taken.value.index);
        return ok({ ...recorded.value, branch: branchIn(place.gitDir) });
      }),
    lookSince,
    async changesSince(checkpoint) {
      const seen = await lookSince(checkpoint);
      return seen.ok ? ok(seen.value.changes) : seen;
    },
    restore: (checkpoint, paths) => within((shadow) => restorePaths(shadow, checkpoint, paths, additional)),
    show: (checkpoint, path) => within((_, place) => showFile(place.root, checkpoint, path)),
    diff: (checkpoint, paths, how) => within((shadow) => diffOf(shadow, checkpoint, paths, how)),
    commit: (paths, message) => within((shadow) => commitPaths({ shadow, paths, message, additional })),
    moveHeadBack: (before) => within((_, place) => moveHead(place, before)),
    canCommit: () => within((_, place) => checkCommitter(place.root)),
    identity: () => readIdentity(cwd),
  };
}

async function openRepository(cwd: string): Promise<Result<{ place: Location; shadow: Shadow }>> {
  const place = await locate(cwd);
  if (!place.ok) return place;
  const shadow = await openShadow(place.value);
  return shadow.ok ? ok({ place: place.value, shadow: shadow.value }) : shadow;
}

async function readState(place: Location, additional: readonly string[]): Promise<Result<WorkingTreeState>> {
  const cwd = place.root;
  const ref = await gitLine(['symbolic-ref', '-q', 'HEAD'], { cwd });
  if (!ref.ok) return ref;
  const head = await gitLine(['rev-parse', '-q', '--verify', 'HEAD^{commit}'], { cwd });
  if (!head.ok) return head;
  const status = await readStatus(cwd, publicPathspecs(additional));
  if (!status.ok) return status;
  return ok({
    root: place.root,
    mainRoot: place.mainRoot,
    branch: ref.value?.replace(/^refs\/heads\//, '') ?? null,
    head: head.value ?? null,
    dirty: status.value.map((entry) => entry.path),
  });
}

/** Commits a tree under the program's own name, so that it works without the user's, and unsigned. */
async function record(
  cwd: string,
  tree: string,
  name: string,
  message: string,
): Promise<Result<Checkpoint & { readonly head: string | null }>> {
  const head = await headOf(cwd);
  if (!head.ok) return head;
  // HEAD as the parent also keeps alive what an agent committed by itself.
  const parent = head.value === null ? [] : ['-p', head.value];
  const made = await runGit(['commit-tree', tree, ...parent, '-F', '-'], {
    cwd,
    input: message,
    env: OWN_IDENTITY,
  });
  if (!made.ok) return made;
  const commit = made.value.toString('utf8').trim();
  const stored = await runGit(['update-ref', `${CHECKPOINT_REFS}${name}`, commit], { cwd });
  return stored.ok ? ok({ commit, tree, head: head.value }) : stored;
}

async function headOf(cwd: string): Promise<Result<string | null>> {
  const head = await gitLine(['rev-parse', '-q', '--verify', 'HEAD^{commit}'], { cwd });
  return head.ok ? ok(head.value ?? null) : head;
}

/** Stricter than git itself, so that git need not be asked each time: words of letters, digits, dots and dashes. */
function isRefName(name: string): boolean {
  return name
    .split('/')
    .every(
      (part) =>
        /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/.test(part) &&
        !part.includes('..') &&
        !part.endsWith('.lock'),
    );
}

const TAKEN_BACK = 'murmur8: take back commits of an agent';

const OWN_IDENTITY = {
  GIT_AUTHOR_NAME: 'murmur8',
  GIT_AUTHOR_EMAIL: 'murmur8@localhost',
  GIT_COMMITTER_NAME: 'murmur8',
  GIT_COMMITTER_EMAIL: 'murmur8@localhost',
};

function badName(name: string): Problem {
  return { code: 'bad-name', message: `${JSON.stringify(name)} cannot name a checkpoint` };
}

async function showFile(
  cwd: string,
  checkpoint: Checkpoint,
  path: string,
): Promise<Result<string | undefined>> {
  const listed = await runGit(['ls-tree', '-z', '--full-tree', checkpoint.tree, '--', path], {
    cwd,
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  if (!listed.ok) return listed;
  const [, type, object] = /^\d+ (\w+) (\w+)\t/.exec(listed.value.toString('utf8')) ?? [];
  if (type !== 'blob' || object === undefined) return ok(undefined);
  const content = await runGit(['cat-file', 'blob', object], { cwd });
  return content.ok ? ok(content.value.toString('utf8')) : content;
}

async function moveHead(place: Location, { head, branch }: CheckedOut): Promise<Result<void>> {
  const cwd = place.root;
  if (branchIn(place.gitDir) !== branch) {
    // First of all: whatever else was checked out is a branch of somebody, and stays where it is.
    const back =
      branch === null
        ? ['update-ref', '--no-deref', '-m', TAKEN_BACK, 'HEAD', `${head}^0`]
        : ['symbolic-ref', '-m', TAKEN_BACK, 'HEAD', branch];
    const changed = await runGit(back, { cwd });
    if (!changed.ok) return changed;
  }
  const target = head === null ? ['-d', 'HEAD'] : ['HEAD', `${head}^0`];
  if (head === null) {
    const now = await gitLine(['rev-parse', '-q', '--verify', 'HEAD'], { cwd });
    if (!now.ok) return now;
    if (now.value === undefined) return ok(undefined);
  }
  const moved = await runGit(['update-ref', '-m', TAKEN_BACK, ...target], { cwd });
  return moved.ok ? ok(undefined) : moved;
}
