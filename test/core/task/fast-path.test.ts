import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/core/task/judge.ts';
import { plainMeta } from '../../../src/core/task/plain-meta.ts';
import { readPlainYaml } from '../../../src/core/task/plain-yaml.ts';
import { withoutValue, withValue } from '../../../src/core/task/value-at.ts';
import { readYamlDocument } from '../../../src/core/task/yaml-document.ts';
import { anyHandwriting, anyMeta, anyText, anyValue, pathsOf, written } from './task-texts.ts';

// The same files at every run, so that a change is told by what it breaks; the long run looks at others.
if (!process.env['MURMUR8_TEST_FULL']) fc.configureGlobal({ seed: 20_251_102 });

/** What the full parser says of a text. */
function slowly(text: string): { value: unknown; isSound: boolean } {
  const document = readYamlDocument(text);
  return 'message' in document
    ? { value: undefined, isSound: false }
    : { value: document.value, isSound: !document.hasBadKeys };
}

const entriesOf = (value: Record<string, unknown>) => ({
  keys: Object.keys(value),
  values: Object.values(value),
});

/** Also the order of keys counts: it is the order in which programs are given them. */
function expectSameMeta(value: Record<string, unknown>): boolean {
  const fast = plainMeta(entriesOf(value));
  const { meta, findings } = judge(value);
  if (fast === undefined) return false;
  expect(findings).toEqual([]);
  expect(JSON.stringify(fast)).toBe(JSON.stringify(meta));
  return true;
}

const anyBlock = fc.tuple(anyMeta, anyHandwriting).map(([meta, hand]) => {
  const { text } = written(meta, { ...hand, byteOrderMark: false, body: '' });
  return text.slice(3 + hand.lineEnding.length, -3 - hand.lineEnding.length);
});

/** Pieces out of which YAML is made, right and wrong. */
const anyScraps = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a: b\n',
        'key:\n',
        '  b: c\n',
        '- x\n',
        '  - y\n',
        '- k: v\n',
        '  l: w\n',
        '#c\n',
        ' # d\n',
        '\n',
        ' ',
        '\r\n',
        'k: "q" # z\n',
        "k2: 'it'\n",
        'n: 1\n',
        'm: 0x1\n',
        'f: 1e3\n',
        'e: []\n',
        'o: {} #\n',
        'x: -\n',
        'y: ?\n',
        't: true\n',
        'u: null\n',
        'z: ~\n',
        'w: a: b\n',
        'v: a #b\n',
        's: a# b\n',
        '---\n',
        '...\n',
        '-\n',
        '"q": 1\n',
        'd: 2025-11-02\n',
        'g: 012\n',
        'h: 1_000\n',
        'i: .5\n',
        'j: +1\n',
        'p: |\n',
        '  text\n',
        'r: > # x\n',
        '& ',
        '*a',
        'a:\n',
        'b: a:\n',
        '?: b\n',
        '\tq: 1\n',
        'c: "a\n',
        "c2: 'a''b'\n",
        'l1: - a\n',
        'l2: [a]\n',
        'yes: no\n',
      ),
      anyText,
    ),
    { maxLength: 9 },
  )
  .map((scraps) => scraps.join(''));

describe('the fast reading of a front matter', () => {
  it('says what the full parser says of files in any handwriting, or nothing', () => {
    fc.assert(
      fc.property(anyBlock, (text) => {
        const fast = readPlainYaml(text);
        if (fast !== undefined) expect(slowly(text)).toEqual({ value: fast, isSound: true });
      }),
      { numRuns: 100 },
    );
  });

  it('says what the full parser says of texts that are hardly YAML, or nothing', () => {
    fc.assert(
      fc.property(anyScraps, (text) => {
        const fast = readPlainYaml(text);
        if (fast !== undefined) expect(slowly(text)).toEqual({ value: fast, isSound: true });
      }),
      { numRuns: 1000 },
    );
  });

  it('says what the full parser says of every text of a few characters, or nothing', () => {
    const characters = ['a', ':', ' ', '\n', '-', '#', '"', '1'];
    let read = 0;
    for (let index = 0; index < characters.length ** 4; index += 1) {
      const text = [0, 1, 2, 3].map(
        (at) => characters[Math.floor(index / characters.length ** at) % characters.length],
      );
      for (const each of [text.join(''), `a: b\n${text.join('')}`, `a:\n${text.join('')}`]) {
        const fast = readPlainYaml(each);
        if (fast === undefined) continue;
        read += 1;
        const { value, isSound } = slowly(each);
        if (!isSound || JSON.stringify(value) !== JSON.stringify(fast))
          expect({ text: each, value: fast, isSound: true }).toEqual({ text: each, value, isSound });
      }
    }
    expect(read).toBeGreaterThan(100);
  });

  it('says what the schema says of whatever tasks are right in every way, and leaves no such task to it', () => {
    fc.assert(
      fc.property(anyMeta, (meta) => {
        const sound = meta['team'] === undefined && meta['extra'] === undefined && !hasUnknown(meta);
        expect(expectSameMeta(meta)).toBe(sound);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves every task about which something is to be said to the schema', () => {
    fc.assert(
      fc.property(anyMeta, fc.nat(), anyValue, fc.boolean(), (meta, nth, value, isRemoved) => {
        const { team: _, extra: __, ...known } = meta;
        const paths = pathsOf(known);
        const path = paths[nth % paths.length] ?? [];
        const changed = isRemoved ? withoutValue(known, path) : withValue(known, path, value);
        expectSameMeta(changed as Record<string, unknown>);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    'knows no key called %s',
    (key) => {
      expect(
        plainMeta(entriesOf({ id: 'a', title: 'a', kind: 'task', state: 'idea', [key]: 'x' })),
      ).toBeUndefined();
    },
  );
});

function hasUnknown(meta: Record<string, unknown>): boolean {
  return JSON.stringify(meta['execution'] ?? '').includes('"isolation"');
}
