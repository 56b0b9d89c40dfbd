import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { gitConfigThatCounts, ignoreRulesThatCount } from '../../core/agent/protected-files.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { type Change, entryOf } from './undo.ts';

/**
 * Those of the changes that are not to be undone: git and people note branches at any time, this program adds rules of
 * what is ignored and saves its configuration when it is told to, and an `.env.*` that git sees is a file of the project.
 *
 * @param isIgnored which of the absolute paths git ignores; all where there is no git
 */
export async function undeserved(
  changes: readonly Change[],
  isIgnored: (paths: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<readonly Change[]> {
  const unseen = changes
    .map(entryOf)
    .filter(({ group, path }) => group === 'secret' && basename(path) !== '.env')
    .map(({ path }) => path);
  const ignored = unseen.length === 0 ? new Set<string>() : await isIgnored(unseen);
  return changes.filter((change) => {
    const { group, path } = entryOf(change);
    if (group === 'secret') return !(basename(path) === '.env' || ignored.has(path));
    if (group === 'config') return wasSavedByUs(change);
    return group === 'git' && saysTheSame(change);
  });
}

function saysTheSame({ before, after }: Change): boolean {
  const path = before?.path ?? after?.path ?? '';
  const [was, is] = [before, after].map((entry) =>
    entry === undefined || entry.kind === 'file' ? (entry?.content?.toString() ?? '') : undefined,
  );
  if (was === undefined || is === undefined) return false;
  if (basename(path) === 'config' && before?.mode === after?.mode)
    return gitConfigThatCounts(was) === gitConfigThatCounts(is);
  return path.endsWith('/info/exclude') && ignoreRulesThatCount(was) === ignoreRulesThatCount(is);
}

/** What `murmur8 …-config set` leaves beside its lock: the digest of the file as it saved it. */
function wasSavedByUs(change: Change): boolean {
  const { path } = entryOf(change);
  const note = readTextBounded(join(dirname(path), '.config-lock', `${basename(path)}.saved`), 1024);
  const { after } = change;
  if (!note.ok || note.value === undefined) return false;
  if (after === undefined) return note.value === '';
  return (
    after.content !== undefined && note.value === createHash('sha256').update(after.content).digest('hex')
  );
}
