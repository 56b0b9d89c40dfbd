import * as fc from 'fast-check';

/** Text as people write it in titles and notes, and some that YAML reads in ways of its own. */
export const anyText = fc.oneof(
  fc.constantFrom(
    'plain words',
    'with: colon',
    'a #hash',
    'ends with:',
    "it's",
    'say "hi"',
    'true',
    'null',
    '~',
    'yes',
    '12',
    '1e3',
    '0x1F',
    '.5',
    '-dash',
    '- item',
    '? key',
    '[flow]',
    '{a: b}',
    '&anchor',
    '*alias',
    '!tag',
    '%percent',
    '@at',
    '`tick`',
    '2025-11-02',
    '2025-11-02T15:03:00.000Z',
    'über – ärger',
    '日本語',
    '🙂 smile',
    'tab\there',
    'two\nlines',
    'lines\n\n  indented\n',
    ' leading',
    'trailing ',
    'back\\slash',
    'a, b]',
    'bell\u0007',
    'sep\u2028end',
    '---',
    '...',
    '<<',
    '=',
    '\ud800',
    '| pipe',
    '> fold',
    '',
  ),
  fc.string({ maxLength: 12, unit: 'grapheme' }),
);

/** Text that may not be empty. */
export const someText = anyText.filter((text) => text !== '');

const plain = <T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

/** What a value may become. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  anyText,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.array(anyText, { maxLength: 3 }),
  fc.array(plain({ a: anyText, b: fc.nat() }), { maxLength: 2 }),
  fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_ :#-]{0,4}$/), anyText, {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  plain({ deep: plain({ list: fc.array(anyText, { maxLength: 2 }) }) }),
);

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/).filter((each) => !NO_TEXT.has(each));
const NO_TEXT = new Set(['null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n']);

const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

export const anyAttempt = fc
  .record(
    {
      started_at: time,
      minutes: fc.nat({ max: 90 }),
      status: fc.constantFrom('completed' as const, 'failed' as const, 'abandoned' as const),
      error_reason: anyText,
      tool: someText,
      model: fc.option(word, { nil: undefined }),
      planner: fc.option(word, { nil: undefined }),
      isolation: fc.constantFrom('module', 'shared'),
      reviewer: fc.boolean(),
    },
    { requiredKeys: ['started_at', 'minutes', 'status', 'tool'], noNullPrototype: true },
  )
  .map(({ started_at, minutes, status, error_reason, tool, model, planner, isolation, reviewer }) => {
    const ended_at = new Date(Date.parse(started_at) + minutes * 60_000).toISOString();
    return {
      started_at,
      ended_at,
      duration_seconds: minutes * 60,
      status,
      ...(error_reason === undefined ? {} : { error_reason }),
      executor: {
        tool,
        ...(model === undefined ? {} : { model }),
        ...(planner === undefined ? {} : { planner: { tool: planner } }),
      },
      ...(reviewer ? { reviewer: { name: 'fabio', approved: true, reviewed_at: ended_at } } : {}),
      ...(isolation === undefined ? {} : { isolation }),
    };
  });

export const anyMeta = fc
  .record(
    {
      id: word,
      title: someText,
      kind: fc.constantFrom('epic' as const, 'story' as const, 'task' as const),
      state: fc.constantFrom('idea' as const, 'ready' as const, 'done' as const),
      blocked: anyText,
      commit_message: someText,
      priority: fc.constantFrom('low' as const, 'urgent' as const),
      size: fc.constantFrom('tiny' as const, 'xl' as const),
      touches: fc.array(someText, { maxLength: 3 }),
      labels: fc.array(someText, { maxLength: 3 }),
      created_at: time,
      links: fc.array(plain({ type: fc.constant('linear'), key: someText }), { maxLength: 2 }),
      last_activity_at: time,
      execution: plain({ attempts: fc.array(anyAttempt, { minLength: 1, maxLength: 3 }) }),
      team: anyText,
      extra: plain({
        deep: plain({ deeper: fc.array(anyText, { maxLength: 2 }) }),
        flag: fc.boolean(),
      }),
    },
    { requiredKeys: ['id', 'title', 'kind', 'state'], noNullPrototype: true },
  )
  .chain((meta) => fc.shuffledSubarray(Object.entries(meta), { minLength: Object.keys(meta).length }))
  .map((entries) => Object.fromEntries(entries));

/** How a person, or another program, happens to write it. */
export interface Handwriting {
  readonly lineEnding: '\n' | '\r\n';
  readonly byteOrderMark: boolean;
  readonly step: number;
  readonly listStep: number;
  readonly gap: string;
  /** One choice for each value that is written, used in turn. */
  readonly choices: readonly number[];
  readonly body: string;
}

export const anyHandwriting: fc.Arbitrary<Handwriting> = fc.record({
  lineEnding: fc.constantFrom('\n' as const, '\r\n' as const),
  byteOrderMark: fc.boolean(),
  step: fc.constantFrom(2, 4, 1),
  listStep: fc.constantFrom(0, 2, 4),
  gap: fc.constantFrom(' ', '   '),
  choices: fc.array(fc.nat({ max: 11 }), { minLength: 12, maxLength: 40 }),
  body: fc.constantFrom('', '\n# Body\n', 'text\n---\nmore: yaml\n---\n', '\r\nmixed\nendings\r\n'),
});

interface Place {
  readonly start: number;
  readonly end: number;
  /** The first key of a map behind a hyphen: when it goes, the next one comes into its line. */
  readonly isBehindHyphen: boolean;
}

/** A file, and where in it each value stands that has lines of its own. */
export interface Written {
  readonly text: string;
  /** By the path, as JSON: from the key or the hyphen to the end of the value's last line. */
  readonly places: ReadonlyMap<string, Place>;
}

/** A file with this front matter in this handwriting: comments, quotes, brackets and blocks as it comes. */
export function written(meta: object, hand: Handwriting): Written {
  const { lineEnding, choices } = hand;
  let turn = 0;
  const choose = (): number => choices[turn++ % choices.length] ?? 0;
  const lines: string[] = [];
  const spans: { path: Path; from: number; column: number; to: number }[] = [];
  const entry = (path: Path, value: unknown, indent: number, prefix: string): void => {
    const start = `${prefix || ' '.repeat(indent)}${path.at(-1)}:`;
    const choice = choose();
    // What stands behind a hyphen cannot have a comment above it in its own line.
    if (choice === 0 && prefix === '') lines.push(`${' '.repeat(indent)}# above ${path.at(-1)}`);
    const from = lines.length;
    if (isMap(value) && Object.keys(value).length > 0 && choice !== 1) {
      lines.push(`${start}${choice === 2 ? ' # a map' : ''}`);
      block(path, value, indent + hand.step, '');
    } else if (Array.isArray(value) && value.length > 0 && choice !== 1) {
      lines.push(`${start}${choice === 2 ? ' # a list' : ''}`);
      for (const [index, item] of value.entries()) listItem([...path, index], item, indent + hand.listStep);
    } else if (typeof value === 'string' && choice === 3 && isBlockSafe(value)) {
      lines.push(`${start} |${value.endsWith('\n') ? '' : '-'}${choose() === 2 ? ' # text' : ''}`);
      const content = value.endsWith('\n') ? value.slice(0, -1) : value;
      for (const line of content.split('\n'))
        lines.push(line === '' ? '' : `${' '.repeat(indent + 2)}${line}`);
    } else lines.push(`${start} ${inline(value, choose, false)}${choice === 4 ? '   # note' : ''}`);
    spans.push({ path, from, column: prefix.length, to: ended() });
    if (choice === 5) lines.push('');
    if (choice === 6 && indent === 0) lines.push('  # deeper');
  };
  /** Lines so far, without the empty ones at their end. */
  const ended = (): number => lines.findLastIndex((line) => line !== '') + 1;
  const block = (path: Path, map: object, indent: number, prefix: string): void => {
    for (const [index, [key, value]] of Object.entries(map).entries())
      entry([...path, key], value, indent, index === 0 ? prefix : '');
  };
  const listItem = (path: Path, item: unknown, indent: number): void => {
    const prefix = `${' '.repeat(indent)}-${hand.gap}`;
    const from = lines.length;
    if (isMap(item) && Object.keys(item).length > 0 && choose() > 1) block(path, item, prefix.length, prefix);
    else lines.push(`${prefix}${inline(item, choose, false)}`);
    spans.push({ path, from, column: 0, to: ended() });
  };
  block([], meta, 0, '');
  const opening = `${hand.byteOrderMark ? '\uFEFF' : ''}---${lineEnding}`;
  const starts = [opening.length];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + lineEnding.length);
  const text = opening + [...lines, '---'].join(lineEnding) + lineEnding + hand.body;
  const places = spans.map(({ path, from, column, to }) => {
    const place = { start: (starts[from] ?? 0) + column, end: starts[to] ?? 0, isBehindHyphen: column > 0 };
    return [JSON.stringify(path), place] as const;
  });
  return { text, places: new Map(places) };
}

export type Path = readonly (string | number)[];

/** The paths of all values in a value. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  const inside: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...inside.flatMap(([step, item]) => pathsOf(item, [...path, step])),
  ];
}

function inline(value: unknown, choose: () => number, isFlow: boolean): string {
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[ ${value.map((item) => inline(item, choose, true)).join(' , ')} ]`;
  if (isMap(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${inline(item, choose, true)}`)
      .join(', ')}}`;
  if (typeof value !== 'string') return String(value);
  const choice = choose();
  if (/^[A-Za-z][A-Za-z-]*$/.test(value) && !/^(null|true|false)$/i.test(value) && choice < 8) return value;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && choice < 6 && !isFlow) return value;
  if (choice % 2 === 0 && !/[^\x20-\x7e]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isBlockSafe(value: string): boolean {
  return /^[\x21-\x7e][\x20-\x7e\n]*$/.test(value) && !/ \n|\n\n$| $/.test(value);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
