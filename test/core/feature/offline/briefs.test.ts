import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkStage } from '../../../../src/core/feature/contract.ts';
import { moduleFiles, planFiles } from '../../../../src/core/feature/offline/code.ts';
import { criteriaOf, type Derivation, derive } from '../../../../src/core/feature/offline/derivation.ts';
import { specificationFiles, storyFiles } from '../../../../src/core/feature/offline/documents.ts';
import { DERIVED_MARK } from '../../../../src/core/feature/offline/mark.ts';
import { testFiles } from '../../../../src/core/feature/offline/tests.ts';
import { FEATURE_STAGES } from '../../../../src/core/feature/paths.ts';
import { routeStories } from '../../../../src/core/feature/routing.ts';

const slug = 'greeting';
const featureId = '3f0d6f3e-3d55-4c3e-9d6f-0a6b3c1c2b11';
const place = {
  testFile: `test/feature_${slug}.test.js`,
  moduleFile: `src/${slug}.js`,
  dialect: { typed: false, modules: 'esm', testRunner: 'node:test' } as const,
};

function deriveFrom(text: string, withStories = true): Derivation {
  return derive({ slug, featureId, briefPath: 'brief.md', withStories, text });
}

function findingsFor(text: string, withStories: boolean): string[] {
  const derivation = deriveFrom(text, withStories);
  const documents = new Map([
    ...specificationFiles(derivation, '2026-01-02'),
    ...(withStories ? storyFiles(derivation) : []),
    ...testFiles(derivation, place),
    ...planFiles(derivation, place.moduleFile, false),
  ]);
  const input = { slug, featureId, withStories, files: documents, expectedTestFile: place.testFile };
  return FEATURE_STAGES.flatMap((stage) =>
    checkStage(stage, {
      ...input,
      projectPaths: new Set(stage === 'codey-implement' ? [place.moduleFile] : []),
    }).map((finding) => `${stage}: ${finding.rule}: ${finding.message}`),
  );
}

const odd = [
  '',
  ' ',
  'one line',
  'Ada → Hello, Ada!',
  '\uFEFF# Titel\r\n\r\n- „Größe“ zählt\r\n- 名前 → こんにちは\r\n',
  '<h1>Hello</h1><ul><li>AC-9 and T-77</li></ul><!-- never closed',
  '- AC-1 is done\n- T-3 exists\n- story-login/AC-2 | T-9 | pending\n- | a | b |\n- ```\n- # x',
  '```js\nconst a = (x) => x; // → y\n```\n- Given a, when b, then c',
  `- ${'very long '.repeat(5000)}`,
  `# ${'T'.repeat(9000)}\n## ${'Ü'.repeat(900)}\n- a\n## ${'ß'.repeat(900)}\n- b`,
  '- TODO\n- TBD\n- ...\n- <placeholder>\n- [x] ticked\n- {{slug}} --> end',
  '# A\n## Login!\n- a\n## login\n- b\n## 登录\n- c\n## 注册\n- d\n## Part 3\n- e',
  Array.from({ length: 400 }, (_, index) => `- wish ${index}`).join('\n'),
  '- f("a*/b") → "x */ y \u2028"\n- `__proto__` → {"__proto__": 1}\n- class(1) → 2\n- T_2("x") → "T_1(y)"',
  '---\nfeatureId: evil\n---\n- x',
  'a -> b -> c',
];

describe('what the offline runner derives', () => {
  it.each(odd.map((text) => [JSON.stringify(text.slice(0, 40)), text]))(
    'keeps every contract for the odd brief %s',
    (_, text) => {
      expect(findingsFor(text, true)).toEqual([]);
      expect(findingsFor(text, false)).toEqual([]);
    },
  );

  it('keeps every contract for any brief made of the pieces of briefs', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '# ',
        '## ',
        '- ',
        '1. ',
        ' → ',
        ' -> ',
        '`',
        '```',
        '\n',
        '\r\n',
        '|',
        'AC-1',
        'T-2',
        '"',
        '<!--',
        '-->',
        '**',
        'story-a',
        'Examples:',
        '(',
        ')',
        '\\',
        'pending',
        '---',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, withStories) => {
        expect(findingsFor(pieces.join(''), withStories)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('says in every file that it was derived by rule', () => {
    const derivation = deriveFrom('- "Ada" → "Hello"\n- be kind');
    const files = [
      ...specificationFiles(derivation, '2026-01-02'),
      ...storyFiles(derivation),
      ...testFiles(derivation, place),
      ...planFiles(derivation, place.moduleFile, false),
      ...moduleFiles(derivation, place.moduleFile, place.dialect),
    ];
    expect(files).toHaveLength(9);
    for (const [path, text] of files) expect(text, path).toContain(DERIVED_MARK);
  });

  it('routes as the run was told to, with the criteria where the tests look for them', () => {
    const text = (withStories: boolean): string =>
      [...specificationFiles(deriveFrom('- a', withStories), '2026-01-02').values()][0] ?? '';
    expect(routeStories(text(true)).withStories).toBe(true);
    expect(routeStories(text(false)).withStories).toBe(false);
    expect(text(false)).toContain('**AC-1 — a**');
  });

  it('turns examples into checks and leaves the rest pending', () => {
    const brief =
      '# X\n- `add(1, 2)` → 3\n- "a" -> {"b": [1]}\n- `f("")` → throws `no name`\n- be fast\n- The user saves → the file closes';
    expect(criteriaOf(deriveFrom(brief)).map(({ check, pending }) => check?.example ?? pending)).toEqual([
      { call: 'add', input: [1, 2], expected: { output: 3 } },
      { input: ['a'], expected: { output: { b: [1] } } },
      { call: 'f', input: [''], expected: { throws: 'no name' } },
      'the brief gives no example that could be checked',
      'the brief gives no example that could be checked',
    ]);
  });

  it('takes bare words as examples below a heading that says so, also in a code fence', () => {
    const brief = '## Examples\n```\nThe user → you\n1.0 -> one\n```';
    expect(criteriaOf(deriveFrom(brief)).map(({ check }) => check?.example)).toEqual([
      { input: ['The user'], expected: { output: 'you' } },
      { input: ['1.0'], expected: { output: 'one' } },
    ]);
  });

  it('leaves an example that contradicts an earlier one pending', () => {
    const criteria = criteriaOf(deriveFrom('- "a" → 1\n- "a" → 2\n- greeting("a") → 1'));
    expect(criteria.map((criterion) => criterion.check !== undefined)).toEqual([true, false, true]);
    expect(criteria[1]?.pending).toContain('another result');
  });

  it('turns neither background nor what is out of scope into criteria', () => {
    const derivation = deriveFrom('# X\n- a\n## Out of scope\n- b\n## Background\n- c');
    expect(criteriaOf(derivation).map(({ title }) => title)).toEqual(['a']);
    expect(derivation.brief.outOfScope).toEqual(['b']);
  });

  it('stops at 200 wishes and says how many were left out', () => {
    const derivation = deriveFrom(Array.from({ length: 205 }, (_, index) => `- wish ${index}`).join('\n'));
    expect(criteriaOf(derivation)).toHaveLength(200);
    expect([...specificationFiles(derivation, '2026-01-02').values()][0]).toContain('5 further wishes');
  });
});
