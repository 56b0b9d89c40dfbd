import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventFromGitHub } from '../../../src/core/trigger/github.ts';

const repository = { full_name: 'acme/shop' };
const sender = { login: 'ada' };
const commit = (id: string, files: Record<string, readonly string[]>) => ({
  id,
  added: [],
  removed: [],
  modified: [],
  ...files,
});
const push = {
  ref: 'refs/heads/feature/x',
  after: 'c2',
  created: false,
  deleted: false,
  forced: false,
  commits: [
    commit('c1', { added: ['docs/a.md'] }),
    commit('c2', { modified: ['src/x.ts'], removed: ['docs/a.md'] }),
  ],
  repository,
  sender,
};
const pullRequest = {
  action: 'closed',
  pull_request: {
    number: 7,
    title: 'Sell $(more)',
    merged: true,
    merge_commit_sha: 'm1',
    base: { ref: 'main', repo: repository },
    head: { ref: 'feature/x', sha: 'h1', repo: repository },
    labels: [{ name: 'ready' }, { name: 'docs' }],
  },
  repository,
  sender,
};

function one(name: string, payload: unknown) {
  const events = eventFromGitHub(name, 'id-1', payload);
  if (!events.ok) throw new Error(events.error.message);
  expect(events.value).toHaveLength(1);
  return events.value[0];
}

const pull = (changes: object, action = 'closed') => ({
  ...pullRequest,
  action,
  pull_request: { ...pullRequest.pull_request, ...changes },
});

describe('a push', () => {
  test('says its branch and all paths that changed', () => {
    expect(one('push', push)).toEqual({
      type: 'push',
      deliveryId: 'id-1',
      isFork: false,
      actor: 'ada',
      facts: {
        branch: 'feature/x',
        paths: ['docs/a.md', 'src/x.ts'],
        event: { ref: 'refs/heads/feature/x', sha: 'c2', actor: 'ada', repository: 'acme/shop' },
      },
    });
  });

  test('of a tag has no branch and no paths', () => {
    const facts = one('push', { ...push, ref: 'refs/tags/v1.0' })?.facts;
    expect(facts?.event?.['tag']).toBe('v1.0');
    expect(Object.keys(facts ?? {})).toEqual(['event']);
  });

  test('that deletes is no event', () => {
    expect(eventFromGitHub('push', 'id', { ...push, deleted: true, commits: [] })).toEqual({
      ok: true,
      value: [],
    });
  });

  test.each<[string, object]>([
    ['is forced', { forced: true }],
    ['lists no commit', { commits: [] }],
    ['has no list', { commits: undefined }],
    ['lists as many commits as there can be', { commits: Array(2048).fill(commit('c2', { added: ['a'] })) }],
    ['does not list its last commit', { after: 'c3' }],
    ['has a commit without files', { commits: [commit('c1', {}), commit('c2', { added: ['a'] })] }],
    ['has a commit with malformed files', { commits: [{ ...commit('c2', { added: ['a'] }), removed: [7] }] }],
  ])('that %s leaves the paths unknown', (_what, changes) => {
    const facts = one('push', { ...push, ...changes })?.facts;
    expect(facts?.branch).toBe('feature/x');
    expect(facts?.paths).toBeUndefined();
  });

  test('of a new branch with commits says their paths', () => {
    expect(one('push', { ...push, created: true })?.facts.paths).toEqual(['docs/a.md', 'src/x.ts']);
  });
});

describe('a pull request', () => {
  test('that was merged says so, with the branch it went into', () => {
    expect(one('pull_request', pullRequest)).toEqual({
      type: 'pull_request.merged',
      deliveryId: 'id-1',
      isFork: false,
      actor: 'ada',
      facts: {
        branch: 'main',
        labels: ['ready', 'docs'],
        event: {
          number: '7',
          title: 'Sell $(more)',
          sha: 'm1',
          ref: 'refs/heads/main',
          head_branch: 'feature/x',
          base_branch: 'main',
          actor: 'ada',
          action: 'closed',
          repository: 'acme/shop',
        },
      },
    });
  });

  test.each([
    ['closed', { merged: false }, 'pull_request.closed'],
    ['closed', { merged: 'true' }, 'pull_request.closed'],
    ['opened', { merged: false }, 'pull_request.opened'],
    ['labeled', { merged: true }, 'pull_request.labeled'],
  ])('%s with %j is %s', (action, changes, type) => {
    expect(one('pull_request', pull(changes, action))?.type).toBe(type);
  });

  test('that is open has the commit of its head, and its paths are unknown', () => {
    const facts = one('pull_request', pull({ merged: false }, 'opened'))?.facts;
    expect(facts?.event).toMatchObject({ sha: 'h1', ref: 'refs/pull/7/head' });
    expect(facts?.paths).toBeUndefined();
  });

  test('without labels has none, which is known; without a list it is not', () => {
    expect(one('pull_request', pull({ labels: [] }))?.facts.labels).toEqual([]);
    expect(one('pull_request', pull({ labels: undefined }))?.facts.labels).toBeUndefined();
    expect(one('pull_request', pull({ labels: [{}] }))?.facts.labels).toBeUndefined();
  });

  test.each([
    [{ ref: 'x', repo: { full_name: 'eve/shop' } }, true],
    [{ ref: 'x', repo: null }, true],
    [{ ref: 'x' }, true],
    [{ ref: 'x', repo: repository }, false],
  ])('from %j is of a fork: %s', (head, isFork) => {
    expect(one('pull_request', pull({ head }))?.isFork).toBe(isFork);
    expect(one('pull_request_review', { ...pull({ head }), action: 'submitted' })?.isFork).toBe(isFork);
  });
});

describe('other events', () => {
  test('are named by their action, or alone', () => {
    const labels = [{ name: 'bug' }];
    expect(
      one('issues', { action: 'labeled', issue: { number: 3, title: 'x', labels }, repository }),
    ).toMatchObject({
      type: 'issues.labeled',
      isFork: false,
      facts: { labels: ['bug'], event: { number: '3', title: 'x' } },
    });
    expect(one('release', { action: 'published', release: { tag_name: 'v2' } })).toMatchObject({
      type: 'release.published',
      facts: { event: { tag: 'v2' } },
    });
    expect(one('create', { ref: 'v3', ref_type: 'tag' })).toMatchObject({
      type: 'create',
      facts: { event: { tag: 'v3' } },
    });
  });

  test('have no branch, as a stranger can name a branch as he likes', () => {
    const run = { head_branch: 'main', head_repository: { full_name: 'eve/shop' } };
    const event = one('workflow_run', { action: 'completed', workflow_run: run, repository });
    expect(event?.facts.branch).toBeUndefined();
    expect(event?.isFork).toBe(true);
  });

  test('a comment on a pull request may be about a fork', () => {
    const issue = { number: 3, pull_request: { url: 'x' } };
    expect(one('issue_comment', { action: 'created', issue, repository })?.isFork).toBe(true);
    expect(one('issue_comment', { action: 'created', issue: { number: 3 }, repository })?.isFork).toBe(false);
  });

  test('a ping is none', () => {
    expect(eventFromGitHub('ping', 'id', { zen: 'x' })).toEqual({ ok: true, value: [] });
  });
});

describe('what is not GitHub’s', () => {
  test.each<[string, string | undefined, unknown]>([
    ['../push', 'id', push],
    ['', 'id', push],
    ['push', '../../id', push],
    ['push', '', push],
    ['push', 'id', null],
    ['push', 'id', 'text'],
    ['push', 'id', [push]],
    ['push', 'id', {}],
    ['push', 'id', { ref: 7.5 }],
    ['pull_request', 'id', { action: 'closed' }],
    ['pull_request', 'id', { ...pullRequest, action: undefined }],
    ['pull_request', 'id', { ...pullRequest, action: 'a b' }],
    ['pull_request', 'id', pull({ base: { ref: {} } })],
    ['pull_request', 'id', JSON.parse('{"action":"closed","__proto__":{"pull_request":{}}}')],
    ['issues', 'id', { action: { toString: 'x' } }],
  ])('%s %s %j is a problem', (name, deliveryId, payload) => {
    const events = eventFromGitHub(name, deliveryId, payload);
    expect(events).toMatchObject({ ok: false, error: { code: 'bad-event' } });
  });

  test('long texts are cut', () => {
    const title = one('pull_request', pull({ title: 'x'.repeat(100_000) }))?.facts.event?.['title'];
    expect(title).toHaveLength(4096);
  });

  test('nothing makes it throw, and facts are texts', () => {
    const names = fc.constantFrom('push', 'pull_request', 'issues', 'workflow_run', 'ping');
    const keys = fc.constantFrom(
      'ref',
      'action',
      'pull_request',
      'base',
      'head',
      'commits',
      'labels',
      'issue',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<unknown>('closed', 'refs/heads/x', 7, null, true, ''),
        fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 2 }),
      ),
    }));
    fc.assert(
      fc.property(names, tree, (name, payload) => {
        const events = eventFromGitHub(name, undefined, payload);
        if (!events.ok) return;
        for (const { facts } of events.value)
          for (const value of Object.values(facts.event ?? {})) expect(typeof value).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});
