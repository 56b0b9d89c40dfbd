import { fail, ok, type Result } from '../result.ts';
import { textAt, textsIn, valueAt } from './payload.ts';

/** What an event of GitHub is about, as far as conditions and texts can use it. */
export interface Subject {
  readonly branch?: string;
  readonly labels?: readonly string[];
  readonly isFork: boolean;
  readonly merged?: boolean;
  readonly event: Readonly<Record<string, string | undefined>>;
}

/** A pull request: its branch is the one it goes into. Which paths it changes is not in the payload. */
export function pullRequestOf(pull: unknown): Result<Subject> {
  const number = textAt(pull, 'number');
  const base = textAt(pull, 'base', 'ref');
  const head = textAt(pull, 'head', 'ref');
  if (number === undefined || base === undefined || head === undefined)
    return fail({
      code: 'bad-event',
      message: 'the pull request says no number, base or head',
      hint: 'the body has to be the JSON that GitHub sends',
    });
  const merged = valueAt(pull, 'merged') === true;
  const mergedAs = merged ? textAt(pull, 'merge_commit_sha') : undefined;
  const labels = labelsOf(pull);
  return ok({
    branch: base,
    ...(labels === undefined ? {} : { labels }),
    isFork: isFromElsewhere(pull),
    merged,
    event: {
      number,
      title: textAt(pull, 'title'),
      sha: mergedAs ?? textAt(pull, 'head', 'sha'),
      ref: merged ? `refs/heads/${base}` : `refs/pull/${number}/head`,
      head_branch: head,
      base_branch: base,
    },
  });
}

/** Anything else: an issue, a release, a run of a workflow. Their branch, if any, is not said to be the project's. */
export function subjectOf(payload: unknown): Subject {
  const issue = valueAt(payload, 'issue');
  const labels = labelsOf(issue);
  const refType = textAt(payload, 'ref_type');
  return {
    ...(labels === undefined ? {} : { labels }),
    isFork: isMaybeFromElsewhere(payload),
    event: {
      number: textAt(issue, 'number'),
      title: textAt(issue, 'title'),
      ref: textAt(payload, 'ref'),
      sha: textAt(payload, 'workflow_run', 'head_sha') ?? textAt(payload, 'sha'),
      head_branch: textAt(payload, 'workflow_run', 'head_branch'),
      tag: refType === 'tag' ? textAt(payload, 'ref') : textAt(payload, 'release', 'tag_name'),
    },
  };
}

/** A fork that was deleted since is null, so only the same name tells that it is none. */
function isFromElsewhere(pull: unknown): boolean {
  const from = textAt(pull, 'head', 'repo', 'full_name');
  return from === undefined || from !== textAt(pull, 'base', 'repo', 'full_name');
}

/** A comment does not say whose code its pull request is; the run of a workflow does. */
function isMaybeFromElsewhere(payload: unknown): boolean {
  if (valueAt(payload, 'issue', 'pull_request') !== undefined) return true;
  if (valueAt(payload, 'workflow_run') === undefined) return false;
  const from = textAt(payload, 'workflow_run', 'head_repository', 'full_name');
  return from === undefined || from !== textAt(payload, 'repository', 'full_name');
}

function labelsOf(subject: unknown): readonly string[] | undefined {
  const labels = valueAt(subject, 'labels');
  return Array.isArray(labels) ? textsIn(labels.map((label) => valueAt(label, 'name'))) : undefined;
}
