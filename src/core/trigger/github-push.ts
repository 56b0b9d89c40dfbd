import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import type { PipelineEvent } from './event.ts';
import { factsOf, textAt, textsIn, valueAt } from './payload.ts';

// GitHub lists no more commits than this, so a list of that length may be cut off.
const MOST_COMMITS = 2048;

/**
 * The event of a push. A pushed tag has no branch, and says `tag` instead. A deleted branch or tag is no event: there is
 * nothing to work on.
 */
export function eventsOfPush(payload: unknown): Result<readonly PipelineEvent[]> {
  const ref = textAt(payload, 'ref');
  if (ref === undefined) return fail(noRef());
  if (valueAt(payload, 'deleted') === true) return ok([]);
  const branch = after('refs/heads/', ref);
  const paths = branch === undefined ? undefined : changedPaths(payload);
  const actor = textAt(payload, 'sender', 'login') ?? textAt(payload, 'pusher', 'name');
  const event = factsOf({
    ref,
    sha: textAt(payload, 'after'),
    tag: after('refs/tags/', ref),
    actor,
    repository: textAt(payload, 'repository', 'full_name'),
  });
  const facts = {
    ...(branch === undefined ? {} : { branch }),
    ...(paths === undefined ? {} : { paths }),
    ...(event === undefined ? {} : { event }),
  };
  return ok([{ type: 'push', facts, isFork: false, ...(actor === undefined ? {} : { actor }) }]);
}

/**
 * All paths that the push changed, or undefined where the payload does not tell all of them: a forced push also undoes
 * commits that are not listed, long lists are cut off, and of very large commits GitHub leaves the files out.
 */
function changedPaths(payload: unknown): readonly string[] | undefined {
  const commits = valueAt(payload, 'commits');
  if (valueAt(payload, 'forced') === true) return undefined;
  if (!Array.isArray(commits) || commits.length === 0 || commits.length >= MOST_COMMITS) return undefined;
  const head = textAt(payload, 'after');
  const last = textAt(commits.at(-1), 'id');
  if (head !== undefined && last !== undefined && head !== last) return undefined;
  const paths = new Set<string>();
  for (const commit of commits) {
    const files = filesOf(commit);
    if (files === undefined || files.length === 0) return undefined;
    for (const file of files) paths.add(file);
  }
  return [...paths];
}

function filesOf(commit: unknown): readonly string[] | undefined {
  const added = textsIn(valueAt(commit, 'added'));
  const removed = textsIn(valueAt(commit, 'removed'));
  const modified = textsIn(valueAt(commit, 'modified'));
  if (added === undefined || removed === undefined || modified === undefined) return undefined;
  return [...added, ...removed, ...modified];
}

function after(prefix: string, ref: string): string | undefined {
  return ref.startsWith(prefix) && ref.length > prefix.length ? ref.slice(prefix.length) : undefined;
}

function noRef(): Problem {
  return {
    code: 'bad-event',
    message: 'the push says no "ref"',
    hint: 'the body has to be the JSON that GitHub sends',
  };
}
