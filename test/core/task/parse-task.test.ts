import { describe, expect, it } from 'vitest';
import { parseTask } from '../../../src/core/task/parse-task.ts';

const HEAD = ['id: a', 'title: A', 'kind: task', 'state: done'];
const text = (...lines: string[]): string => `---\n${[...HEAD, ...lines].join('\n')}\n---\nbody\n`;
const problemsOf = (...lines: string[]) => parseTask(text(...lines), 'tasks/30-done/task-a.md').problems;

const ATTEMPT = {
  started_at: '"2025-11-02T15:03:00.000Z"',
  ended_at: '"2025-11-02T15:05:00.000Z"',
  duration_seconds: '120',
  status: 'failed',
  executor: '{tool: claude-code}',
};

/** One attempt, some of its keys written otherwise; an empty text leaves the key out. */
function attempt(changes: Record<string, string> = {}): string[] {
  const lines = Object.entries({ ...ATTEMPT, ...changes }).filter(([, value]) => value !== '');
  return [
    'execution:',
    '  attempts:',
    ...lines.map(([key, value], index) => `${index === 0 ? '    - ' : '      '}${key}: ${value}`),
  ];
}

const brief = (problems: ReturnType<typeof problemsOf>) =>
  problems.map(({ severity, path, found }) => [severity, path.replace('execution.attempts.0.', ''), found]);

describe('the front matter of a task', () => {
  it('has defaults for what is left out, and keeps unknown keys', () => {
    const { meta, raw, body, problems } = parseTask(text('team: core'), 'f.md');
    expect(meta).toEqual({
      id: 'a',
      title: 'A',
      kind: 'task',
      state: 'done',
      priority: 'none',
      size: 'medium',
      ambiguity: 'low',
      executor: 'standard',
      isolation: 'module',
      team: 'core',
    });
    expect(raw).toEqual({ id: 'a', title: 'A', kind: 'task', state: 'done', team: 'core' });
    expect(body).toBe('body\n');
    expect(brief(problems)).toEqual([['warning', 'team', 'an unknown key']]);
  });

  it('is valid without an execution (seed 003, AC: tasks without `execution` validate)', () => {
    const { meta, problems } = parseTask(text(), 'f.md');
    expect(problems).toEqual([]);
    expect(meta?.execution).toBeUndefined();
  });

  it.each([
    ['kind', 'epic, story, task'],
    ['state', 'idea, ready, in-progress, done, canceled'],
    ['priority', 'none, low, normal, high, urgent'],
    ['size', 'tiny, small, medium, large, xl'],
    ['ambiguity', 'low, medium, high'],
    ['executor', 'simple, standard, expert, human_review'],
    ['isolation', 'isolated, module, shared, global'],
  ])('takes exactly these words for %s: %s', (key, allowed) => {
    const lines = (value: string) => [
      ...HEAD.filter((line) => !line.startsWith(`${key}:`)),
      `${key}: ${value}`,
    ];
    const read = (value: string) => parseTask(`---\n${lines(value).join('\n')}\n---\n`, 'f.md');
    for (const word of allowed.split(', ')) {
      expect(read(word).problems).toEqual([]);
      expect(read(word).meta?.[key as 'kind']).toBe(word);
    }
    const { meta, problems } = read('other');
    expect(meta).toBeUndefined();
    expect(problems).toEqual([expect.objectContaining({ path: key, found: '"other"', allowed })]);
  });

  it('is told of everything that is wrong at once, one line each, with path, found, allowed and place', () => {
    const source = [
      '---', // 1
      'id: Not Good', // 2
      'kind: bug', // 3
      'state: done', // 4
      'labels: one', // 5
      'execution:', // 6
      '  attempts:', // 7
      '    - started_at: 2025-02-30T10:00:00Z', // 8
      '      ended_at: 2025-02-28T25:00:00Z', // 9
      '      duration_seconds: -1', // 10
      '      status: lost', // 11
      '      executor: {}', // 12
      '---',
    ].join('\n');
    const { meta, problems } = parseTask(source, 'tasks/x/f.md');
    expect(meta).toBeUndefined();
    const told = problems.map((each) => [each.line, each.column, each.path, each.found, each.allowed]);
    const time =
      'a date and time that exists, in ISO 8601 with Z or an offset, such as 2025-11-02T15:03:00.000Z';
    expect(told).toEqual([
      [2, 1, 'title', 'missing', 'text'],
      [2, 5, 'id', '"Not Good"', 'lower-case letters, digits and hyphens'],
      [3, 7, 'kind', '"bug"', 'epic, story, task'],
      [5, 9, 'labels', '"one"', 'a list'],
      [8, 19, 'execution.attempts.0.started_at', '"2025-02-30T10:00:00Z"', time],
      [9, 17, 'execution.attempts.0.ended_at', '"2025-02-28T25:00:00Z"', time],
      [10, 25, 'execution.attempts.0.duration_seconds', '-1', 'a whole number, 0 or more'],
      [11, 15, 'execution.attempts.0.status', '"lost"', 'completed, failed, abandoned'],
      [12, 17, 'execution.attempts.0.executor.tool', 'missing', 'text'],
    ]);
    for (const { message, file, severity } of problems) {
      expect(message).not.toContain('\n');
      expect(file).toBe('tasks/x/f.md');
      expect(severity).toBe('error');
    }
    expect(problems[7]?.message).toBe(
      'execution.attempts.0.status is "lost"; allowed: completed, failed, abandoned',
    );
  });
});

describe('execution', () => {
  it('is read with all that the seed names', () => {
    const { meta, problems } = parseTask(
      text(
        'execution:',
        '  attempts:',
        '    - started_at: "2025-11-02T15:03:00.000Z"',
        '      ended_at: 2025-11-02T16:05:00+01:00',
        '      duration_seconds: 120',
        '      status: abandoned',
        '      error_reason: "killed"',
        '      executor:',
        '        tool: claude-code',
        '        model: claude-sonnet-4-20250514',
        '        planner: {tool: codex, model: m}',
        '      reviewer:',
        '        name: fabio',
        '        approved: false',
        '        reviewed_at: 2025-11-02T15:15:00Z',
        '        notes: LGTM',
        '      notes: ""',
      ),
      'f.md',
    );
    expect(problems).toEqual([]);
    expect(meta?.execution?.attempts[0]).toEqual({
      started_at: '2025-11-02T15:03:00.000Z',
      ended_at: '2025-11-02T16:05:00+01:00',
      duration_seconds: 120,
      status: 'abandoned',
      error_reason: 'killed',
      executor: {
        tool: 'claude-code',
        model: 'claude-sonnet-4-20250514',
        planner: { tool: 'codex', model: 'm' },
      },
      reviewer: { name: 'fabio', approved: false, reviewed_at: '2025-11-02T15:15:00Z', notes: 'LGTM' },
      notes: '',
    });
  });

  it.each(['completed', 'failed', 'abandoned'])(
    'may say why, or not, when it is %s (seed 003, AC)',
    (status) => {
      expect(problemsOf(...attempt({ status, error_reason: 'why' }))).toEqual([]);
      expect(problemsOf(...attempt({ status }))).toEqual([]);
    },
  );

  it.each(['[]', '', '{}', 'none'])('has at least one attempt: %j does not do', (attempts) => {
    const problems = problemsOf('execution:', `  attempts: ${attempts}`);
    expect(problems).toEqual([expect.objectContaining({ severity: 'error', path: 'execution.attempts' })]);
  });

  it.each(Object.keys(ATTEMPT))('cannot be without %s', (key) => {
    const problems = problemsOf(...attempt({ [key]: '' }));
    expect(brief(problems)).toEqual([['error', key, 'missing']]);
  });

  it.each([
    ['2025-02-29T10:00:00Z', 'no leap year'],
    ['1900-02-29T10:00:00Z', 'no leap year of a century'],
    ['2025-02-30T10:00:00Z', '30 February'],
    ['2025-04-31T10:00:00Z', '31 April'],
    ['2025-13-01T10:00:00Z', 'month 13'],
    ['2025-00-10T10:00:00Z', 'month 0'],
    ['2025-01-00T10:00:00Z', 'day 0'],
    ['2025-01-10T25:00:00Z', 'hour 25'],
    ['2025-01-10T24:00:00Z', 'hour 24'],
    ['2025-01-10T10:60:00Z', 'minute 60'],
    ['2025-01-10T10:00:60Z', 'second 60'],
    ['2025-01-10T10:00:00+24:00', 'an offset of a day'],
    ['2025-01-10 10:00', 'no T'],
    ['yesterday', 'a word'],
    ['2025-1-1', 'one digit'],
  ])('refuses %s, quoted or not: %s', (time) => {
    for (const value of [time, `"${time}"`, `'${time}'`])
      expect(brief(problemsOf(...attempt({ started_at: value })))).toEqual([
        ['error', 'started_at', JSON.stringify(time)],
      ]);
  });

  it.each([
    '2024-02-29T10:00:00Z',
    '2000-02-29T23:59:59.999999999Z',
    '2025-01-10T10:00:00-23:59',
    '2024-12-31T10:00Z',
  ])('takes %s, quoted or not', (time) => {
    for (const value of [time, `"${time}"`])
      expect(problemsOf(...attempt({ started_at: value }))).toEqual([]);
  });

  it.each([
    ['2025-11-02T15:03:00', 'a time without an offset', 'write 2025-11-02T15:03:00Z'],
    ['2025-11-02', 'a date without a time', 'write 2025-11-02T00:00:00Z'],
  ])('reads %s as UTC and warns, quoted or not', (time, what, hint) => {
    for (const value of [time, `"${time}"`]) {
      const { meta, problems } = parseTask(text(...attempt({ started_at: value })), 'f.md');
      expect(meta?.execution?.attempts[0]?.started_at).toBe(time);
      expect(problems).toEqual([
        expect.objectContaining({
          severity: 'warning',
          path: 'execution.attempts.0.started_at',
          hint,
          line: 8,
        }),
      ]);
      expect(problems[0]?.message).toContain(what);
    }
  });

  it.each([
    ['2025-11-02T15:05:00.0000001Z', '2025-11-02T15:05:00.0000002Z'],
    ['2025-11-02T15:05:00Z', '2025-11-02T15:05:00.000000001Z'],
    ['2025-11-02T15:05:00.999Z', '2025-11-02T15:05:01Z'],
    ['2025-11-02T16:05:00+01:00', '2025-11-02T15:05:00.1Z'],
  ])('compares times exactly: %s is before %s', (first, second) => {
    expect(problemsOf(...attempt({ started_at: first, ended_at: second }))).toEqual([]);
    expect(brief(problemsOf(...attempt({ started_at: second, ended_at: first })))).toEqual([
      ['error', 'ended_at', JSON.stringify(first)],
    ]);
    expect(problemsOf(...attempt({ started_at: first, ended_at: first }))).toEqual([]);
  });

  it('takes the same moment in two writings for the same', () => {
    const times = { started_at: '2025-11-02T16:05:00.100+01:00', ended_at: '2025-11-02T15:05:00.1Z' };
    expect(problemsOf(...attempt(times))).toEqual([]);
  });

  it.each(['-1', '1.5', '"120"', '.inf', 'many', ''])('refuses a duration of %j', (value) => {
    expect(problemsOf(...attempt({ duration_seconds: value || 'null' }))).toEqual([
      expect.objectContaining({
        severity: 'error',
        path: 'execution.attempts.0.duration_seconds',
        allowed: 'a whole number, 0 or more',
      }),
    ]);
  });

  it('takes a duration of zero', () => {
    expect(problemsOf(...attempt({ duration_seconds: '0' }))).toEqual([]);
  });

  it('keeps unknown keys at every level and warns of each', () => {
    const { meta, problems } = parseTask(
      text(
        ...attempt({
          executor: '{tool: t, temperature: 1, planner: {tool: p, mode: fast}}',
          reviewer: '{name: n, approved: true, reviewed_at: 2025-11-02T15:15:00Z, mood: good}',
          isolation: 'module',
        }),
        '  version: 2',
      ),
      'f.md',
    );
    expect(problems.map(({ severity, path }) => [severity, path.replace('execution.', '')])).toEqual([
      ['warning', 'attempts.0.executor.temperature'],
      ['warning', 'attempts.0.executor.planner.mode'],
      ['warning', 'attempts.0.reviewer.mood'],
      ['warning', 'attempts.0.isolation'],
      ['warning', 'version'],
    ]);
    expect(meta?.execution).toMatchObject({
      version: 2,
      attempts: [
        {
          isolation: 'module',
          executor: { temperature: 1, planner: { mode: 'fast' } },
          reviewer: { mood: 'good' },
        },
      ],
    });
  });

  it.each([
    ['executor', '{model: m}', 'executor.tool'],
    ['executor', '{tool: ""}', 'executor.tool'],
    ['executor', '{tool: t, model: 4}', 'executor.model'],
    ['executor', '{tool: t, planner: {model: m}}', 'executor.planner.tool'],
    ['executor', 'claude-code', 'executor'],
    ['reviewer', '{approved: true, reviewed_at: 2025-11-02T15:15:00Z}', 'reviewer.name'],
    ['reviewer', '{name: n, approved: "true", reviewed_at: 2025-11-02T15:15:00Z}', 'reviewer.approved'],
    ['reviewer', '{name: n, approved: true, reviewed_at: soon}', 'reviewer.reviewed_at'],
    ['notes', '[a]', 'notes'],
    ['error_reason', '404', 'error_reason'],
  ])('refuses %s: %s', (key, value, path) => {
    const problems = problemsOf(...attempt({ [key]: value }));
    expect(problems.map((each) => each.path)).toEqual([`execution.attempts.0.${path}`]);
  });

  it('tells how a number becomes text', () => {
    expect(problemsOf(...attempt({ error_reason: '404' }))[0]?.hint).toBe('put it into quotes: "404"');
  });
});

describe('a text that has no front matter to be read', () => {
  it.each(['js', 'javascript', 'json', 'toml', 'coffee'])(
    'refuses a block of %s and never runs it',
    (language) => {
      const key = `ran_${language}`;
      const code = `globalThis.${key} = true; process.exit(3); ({id: 'a'})`;
      const { meta, raw, problems } = parseTask(`---${language}\n${code}\n---\n`, 'f.md');
      expect([meta, raw]).toEqual([undefined, {}]);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toContain('neither read nor run');
      expect(problems[0]).toMatchObject({ line: 1, column: 1, allowed: 'YAML' });
      expect(Object.hasOwn(globalThis, key)).toBe(false);
    },
  );

  it.each([
    ['!!js/function "function () { globalThis.ran = true }"', 'js/function'],
    ['!!js/undefined ""', 'js/undefined'],
    ['!!python/object/apply:os.system ["touch /tmp/x"]', 'python'],
  ])('refuses the tag of %s', (value) => {
    const { meta, problems } = parseTask(text(`team: ${value}`), 'f.md');
    expect(meta).toBeUndefined();
    expect(problems).toEqual([expect.objectContaining({ severity: 'error', line: 6 })]);
    expect(Object.hasOwn(globalThis, 'ran')).toBe(false);
  });

  it('touches no prototype', () => {
    const { meta, problems } = parseTask(text('__proto__: {polluted: true}'), 'f.md');
    expect(meta).toBeUndefined();
    expect(problems[0]?.message).toBe('a key cannot be called "__proto__"');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('says that it is never closed', () => {
    const { problems } = parseTask(`---\n${HEAD.join('\n')}\n`, 'f.md');
    expect(problems[0]?.message).toBe('the front matter is never closed');
  });

  it.each(['', '# Title\n', 'id: a\n---\n', '----\nid: a\n----\n', ' ---\nid: a\n---\n'])(
    'says so of %j',
    (source) => {
      const { problems, meta } = parseTask(source, 'f.md');
      expect(meta).toBeUndefined();
      expect(problems.map(({ found }) => found)).toEqual(['no front matter']);
    },
  );

  it('is bounded where aliases multiply', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const { problems } = parseTask(text(...lines), 'f.md');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('more than');
  });

  it('tells of a key that stands twice, and of a list where keys belong', () => {
    expect(problemsOf('size: small', 'size: large')[0]).toMatchObject({ line: 7, path: 'size' });
    expect(parseTask('---\n- a\n---\n', 'f.md').problems[0]).toMatchObject({ found: 'a list', path: '' });
  });
});

describe('what is left as it is', () => {
  it.each(['\n', '\r\n', '\r'])('reads lines that end with %j, with a byte order mark too', (lineEnding) => {
    const source = text(...attempt()).replaceAll('\n', lineEnding);
    for (const each of [source, `\uFEFF${source}`]) {
      const { meta, body, problems } = parseTask(each, 'f.md');
      expect(problems).toEqual([]);
      expect(meta?.execution?.attempts).toHaveLength(1);
      expect(body).toBe(`body${lineEnding}`);
    }
  });

  it('takes a `---` further down for a part of the body', () => {
    const { body, problems } = parseTask(`${text()}\n---\nmore: yaml\n---\n`, 'f.md');
    expect(problems).toEqual([]);
    expect(body).toBe('body\n\n---\nmore: yaml\n---\n');
  });

  it('reads words of YAML 1.1 as text', () => {
    const { meta, problems } = parseTask(text('labels: [yes, no, on, off]', 'blocked: 12:30'), 'f.md');
    expect(problems).toEqual([]);
    expect(meta).toMatchObject({ labels: ['yes', 'no', 'on', 'off'], blocked: '12:30' });
  });
});
