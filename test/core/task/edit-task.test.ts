import { describe, expect, it } from 'vitest';
import type { TaskChange, TaskPath } from '../../../src/core/task/change.ts';
import { editFrontMatter } from '../../../src/core/task/edit-front-matter.ts';
import { editTask } from '../../../src/core/task/edit-task.ts';

const set = (path: TaskPath, value: unknown): TaskChange => ({ kind: 'set', path, value });
const remove = (...path: TaskPath): TaskChange => ({ kind: 'remove', path });

/** A file as it lies in repositories: written by hand and by several programs. */
const REAL = `\uFEFF---\r
# who: the platform team\r
id: login   # never change\r
title: 'It''s the login'\r
kind: story\r
state: "in-progress"\r
priority: normal\t# a tab before\r
touches: [ src/login/**,\r
  tests/** ]  # two lines\r
labels: &labels\r
- security\r
-   ui # wide\r
assignees: *labels\r
blocked: >-\r
  waits for\r
  the review\r
x-team:\r
    ? lead\r
    : Ana\r
execution:\r
  attempts:\r
    - started_at: "2025-11-02T15:03:00.000Z"\r
      ended_at: "2025-11-02T15:05:00.000Z"\r
      duration_seconds: 120\r
      status: failed\r
      isolation: module # of another tool\r
      executor: { tool: claude-code, model: m }\r
---\r
body with no line end`;

function replaced(changes: readonly TaskChange[], ...pairs: [string, string][]): void {
  let expected = REAL;
  for (const [from, to] of pairs) {
    expect(expected.split(from)).toHaveLength(2);
    expected = expected.replace(from, () => to);
  }
  const edited = editTask(REAL, changes);
  expect(edited.ok ? edited.value : edited.error.message).toBe(expected);
}

describe('a change of a file as people and programs write it', () => {
  it('keeps a comment behind a value', () => replaced([set(['priority'], 'high')], ['normal\t#', 'high\t#']));
  it('keeps single quotes', () =>
    replaced([set(['title'], "That's it")], ["'It''s the login'", "'That''s it'"]));
  it('keeps double quotes', () => replaced([set(['state'], 'ready')], ['"in-progress"', '"ready"']));
  it('adds to a list in brackets in its last line', () =>
    replaced([set(['touches', 2], 'docs/a, b')], ['tests/** ]', 'tests/**, "docs/a, b" ]']));
  it('takes an item out of a list in brackets', () =>
    replaced([set(['touches'], ['tests/**'])], ['src/login/**,\r\n  tests/** ]', 'tests/** ]']));
  it('writes into the map in brackets of an attempt', () =>
    replaced(
      [set(['execution', 'attempts', 0, 'executor', 'model'], 'big')],
      ['model: m }', 'model: big }'],
    ));
  it('takes a key out of an attempt, with the comment behind it', () =>
    replaced(
      [remove('execution', 'attempts', 0, 'isolation')],
      ['      isolation: module # of another tool\r\n', ''],
    ));
  it('puts a known key in its order, with the line endings of the file', () =>
    replaced(
      [set(['commit_message'], 'feat: x')],
      ['\r\nx-team:', '\r\ncommit_message: "feat: x"\r\nx-team:'],
    ));
  it('turns a folded text into one in a line', () =>
    replaced([set(['blocked'], 'no more')], ['>-\r\n  waits for\r\n  the review\r\n', 'no more\r\n']));
  it('takes a folded text out with all of its lines', () =>
    replaced([remove('blocked')], ['blocked: >-\r\n  waits for\r\n  the review\r\n', '']));

  it('adds an attempt as the others are written', () => {
    const attempt = {
      status: 'completed' as const,
      executor: { tool: 'codex' },
      started_at: '2025-11-02T16:00:00.000Z',
      ended_at: '2025-11-02T16:01:00.000Z',
      duration_seconds: 60,
    };
    replaced(
      [{ kind: 'add-attempt', attempt }],
      [
        'model: m }\r\n',
        [
          'model: m }',
          '    - started_at: "2025-11-02T16:00:00.000Z"',
          '      ended_at: "2025-11-02T16:01:00.000Z"',
          '      duration_seconds: 60',
          '      status: completed',
          '      executor: {tool: codex}',
          '',
        ].join('\r\n'),
      ],
    );
  });

  it('refuses what stands for a value that is written elsewhere, and says that nothing was changed', () => {
    const edited = editTask(REAL, [set(['assignees', 0], 'x')]);
    expect(edited).toMatchObject({ ok: false, error: { code: 'task-uneditable' } });
    expect(edited.ok ? '' : edited.error.hint).toContain('nothing was changed');
  });

  it('refuses a change of an anchored list that would change what stands for it too', () => {
    expect(editTask(REAL, [set(['labels', 0], 'x')]).ok).toBe(false);
  });

  it.each([
    [[set(['kind'], 'bug')], 'epic, story, task'],
    [[set(['execution', 'attempts'], [])], 'a list with at least one item'],
    [[remove('title')], 'title is missing'],
    [[set(['execution', 'attempts', 5], {})], 'no item 5'],
  ])('refuses an outcome that breaks a rule: %j', (changes, message) => {
    const edited = editTask(REAL, changes);
    expect(edited.ok ? '' : edited.error.message).toContain(message);
  });

  it('lets other keys be changed where a rule was broken before', () => {
    const broken = REAL.replace('kind: story', 'kind: bug');
    const edited = editTask(broken, [set(['priority'], 'low')]);
    expect(edited.ok ? edited.value : edited.error).toBe(broken.replace('normal\t', 'low\t'));
  });

  it('writes no time that leaves its offset open', () => {
    const attempt = {
      started_at: '2025-11-02T16:00:00',
      ended_at: '2025-11-02T16:01:00Z',
      duration_seconds: 60,
      status: 'failed' as const,
      executor: { tool: 't' },
    };
    const edited = editTask(REAL, [{ kind: 'add-attempt', attempt }]);
    expect(edited.ok ? '' : edited.error.message).toContain('attempt.started_at is "2025-11-02T16:00:00"');
    const wrong = editTask(REAL, [{ kind: 'add-attempt', attempt: { ...attempt, duration_seconds: 0.5 } }]);
    expect(wrong.ok ? '' : wrong.error.message).toContain('attempt.duration_seconds is 0.5');
  });
});

describe('an edit of a front matter in rare forms', () => {
  it.each([
    ['nothing but comments', '# none yet\n', set(['a'], 1), '# none yet\na: 1\n'],
    ['nothing at all', '', set(['a'], 1), 'a: 1\n'],
    ['all in brackets', '{a: 1}\n', set(['b'], 2), '{a: 1, b: 2}\n'],
    ['a key without a value', 'a:\nb: 1\n', set(['a'], 'x'), 'a: x\nb: 1\n'],
    [
      'a key without a value that gets a list',
      'a: # why\nb: 1\n',
      set(['a'], ['x']),
      'a: # why\n  - x\nb: 1\n',
    ],
    ['text kept with its empty lines', 'a: |+\n  x\n\nb: 1\n', remove('a'), 'b: 1\n'],
    ['lists without indentation', 'a:\n- x\nb: 1\n', set(['a', 1], 'word'), 'a:\n- x\n- word\nb: 1\n'],
    ['the last item', 'a:\n  - x\nb: 1\n', remove('a', 0), 'a: []\nb: 1\n'],
    ['quotes over two lines', 'a: "x\n  y"\nb: 1\n', set(['a'], 'z'), 'a: "z"\nb: 1\n'],
    ['a tag', 'a: !!str 1\nb: 1\n', set(['b'], 2), 'a: !!str 1\nb: 2\n'],
    ['keys in quotes', '"a": 1\n\'b\' : 2\n', set(['b'], 3), '"a": 1\n\'b\' : 3\n'],
  ])('keeps what is around: %s', (_, text, change, expected) => {
    const edited = editFrontMatter(text, change, '\n');
    expect('text' in edited ? edited.text : edited.message).toBe(expected);
  });
});
