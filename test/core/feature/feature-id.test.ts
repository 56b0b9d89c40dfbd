import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFeatureId, restoreFeatureId, withFeatureId } from '../../../src/core/feature/feature-id.ts';

const id = 'a3f8c2d1-7e54-4b09-8f16-23a1e5d94c72';
const other = '11111111-2222-4333-8444-555555555555';

describe('the featureId of a specification', () => {
  it.each([
    ['no frontmatter', '# A\n', `---\nfeatureId: ${id}\n---\n# A\n`],
    ['no text at all', '', `---\nfeatureId: ${id}\n---\n`],
    ['CRLF', '# A\r\nb', `---\r\nfeatureId: ${id}\r\n---\r\n# A\r\nb`],
    ['a byte order mark', '\uFEFF# A\n', `\uFEFF---\nfeatureId: ${id}\n---\n# A\n`],
    [
      'frontmatter without the key',
      '---\nkind: x # c\n---\n# A\n',
      `---\nfeatureId: ${id}\nkind: x # c\n---\n# A\n`,
    ],
    ['CRLF frontmatter', '---\r\nkind: x\r\n---\r\nb', `---\r\nfeatureId: ${id}\r\nkind: x\r\n---\r\nb`],
    ['empty frontmatter', '---\n---\nb', `---\nfeatureId: ${id}\n---\nb`],
    [
      'a key without value',
      '---\na: 1\nfeatureId:   # later\nb: 2\n---\n',
      `---\na: 1\nfeatureId: ${id}   # later\nb: 2\n---\n`,
    ],
    [
      'a rule in the body',
      '# A\n\n---\nfeatureId: no\n---\n',
      `---\nfeatureId: ${id}\n---\n# A\n\n---\nfeatureId: no\n---\n`,
    ],
    [
      'frontmatter that is not closed',
      '---\nfeatureId: no\n',
      `---\nfeatureId: ${id}\n---\n---\nfeatureId: no\n`,
    ],
    [
      'a paragraph between rules',
      '---\nJust words.\n---\n',
      `---\nfeatureId: ${id}\n---\n---\nJust words.\n---\n`,
    ],
    [
      'a key of that name further in',
      '---\na:\n  featureId: no\n---\n',
      `---\nfeatureId: ${id}\na:\n  featureId: no\n---\n`,
    ],
  ])('is added where there is %s', (_, before, after) => {
    expect(readFeatureId(before)).toBeUndefined();
    expect(withFeatureId(before, id)).toBe(after);
    expect(readFeatureId(after)).toBe(id);
  });

  it.each([
    `---\nfeatureId: ${other}\n---\n`,
    `---\r\nx: 1\r\nfeatureId: "${other}" # keep\r\n---\r\n`,
    `\uFEFF---\n'featureId': '${other}'\n---`,
    '---\nfeatureId: by-hand\n---\n',
    '---\nfeatureId: >-\n  folded\n---\n',
  ])('stays when it is there: %j', (text) => {
    expect(withFeatureId(text, id)).toBe(text);
  });

  it('is replaced only when that is asked for, and nothing else with it', () => {
    const text = `---\nx: 1\nfeatureId: "${other}" # the id\ny: 2\n---\nfeatureId: ${other}\n`;
    expect(restoreFeatureId(text, id)).toBe(
      `---\nx: 1\nfeatureId: ${id} # the id\ny: 2\n---\nfeatureId: ${other}\n`,
    );
    expect(restoreFeatureId('---\nfeatureId: |\n  a\n  b\nc: 1\n---\n', id)).toBe(
      `---\nfeatureId: ${id}\nc: 1\n---\n`,
    );
  });

  it('changes no other byte of any text', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('---', 'a: 1', 'featureId:', 'featureId: x', '  b', '# c', ''),
    );
    const text = fc
      .tuple(fc.constantFrom('', '\uFEFF', '---\n'), fc.array(line), fc.constantFrom('\n', '\r\n'))
      .map(([start, lines, end]) => start + lines.join(end));
    fc.assert(
      fc.property(text, (before) => {
        const after = withFeatureId(before, id);
        const found = readFeatureId(before);
        expect(readFeatureId(after)).toBe(found ?? id);
        if (found !== undefined) expect(after).toBe(before);
        else {
          const at = after.indexOf(id);
          // What was added is one run of characters around the id; around it stands the text as it was.
          const candidates = [
            `featureId: ${id}\n`,
            `featureId: ${id}\r\n`,
            `---\nfeatureId: ${id}\n---\n`,
            `---\r\nfeatureId: ${id}\r\n---\r\n`,
            ` ${id}`,
          ];
          expect(at).toBeGreaterThan(0);
          expect(
            candidates.some(
              (added) =>
                after.replace(added, () => '') === before ||
                sameButBlanks(
                  after.replace(added, () => ''),
                  before,
                ),
            ),
          ).toBe(true);
        }
        expect(withFeatureId(after, other)).toBe(after);
      }),
      { numRuns: 500 },
    );
  });
});

/** A key without a value may have had blanks after its colon, which the value takes. */
function sameButBlanks(one: string, two: string): boolean {
  return one.replace(/^featureId:[ \t]*/m, 'featureId:') === two.replace(/^featureId:[ \t]*/m, 'featureId:');
}
