import { describe, expect, test } from 'vitest';
import { parseAssignment, parseRemoval } from '../../../src/compose/tasks/assignment.ts';

describe('key=value', () => {
  test.each<[string, readonly (string | number)[], unknown]>([
    ['priority=high', ['priority'], 'high'],
    ['title=2.0', ['title'], '2.0'],
    ['title=true', ['title'], 'true'],
    ['blocked=', ['blocked'], ''],
    ['commit_message=a=b', ['commit_message'], 'a=b'],
    ['labels=a, b ,,c', ['labels'], ['a', 'b', 'c']],
    ['labels=', ['labels'], []],
    ['touches=["a,b"]', ['touches'], ['a,b']],
    ['depends_on=7', ['depends_on'], ['7']],
    ['estimate=7', ['estimate'], 7],
    ['sure=true', ['sure'], true],
    ['links=[{"url": "x"}]', ['links'], [{ url: 'x' }]],
    ['execution.attempts.0.notes=ok', ['execution', 'attempts', 0, 'notes'], 'ok'],
    ['a.b={"c": null}', ['a', 'b'], { c: null }],
    ['x={broken', ['x'], '{broken'],
  ])('%s', (typed, path, value) => {
    expect(parseAssignment(typed)).toEqual({ ok: true, value: { kind: 'set', path, value } });
  });

  test.each(['priority', '=high', '', '.=x', 'a..b=x', 'a.=x', '__proto__=x', 'a.__proto__.b=x', 'id=other'])(
    '%j is refused as a slip of the one who typed it',
    (typed) => {
      expect(parseAssignment(typed)).toMatchObject({ ok: false, error: { code: 'usage' } });
    },
  );
});

describe('a key to be taken out', () => {
  test('may be nested, but is none that a task needs', () => {
    expect(parseRemoval('a.0.b')).toEqual({ ok: true, value: { kind: 'remove', path: ['a', 0, 'b'] } });
    expect(parseRemoval('execution.attempts.1.notes').ok).toBe(true);
    for (const key of ['id', 'title', 'kind', 'state', '', 'a.', '__proto__'])
      expect(parseRemoval(key)).toMatchObject({ ok: false, error: { code: 'usage' } });
  });
});
