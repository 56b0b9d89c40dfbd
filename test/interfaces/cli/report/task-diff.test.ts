import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { lineDiff } from '../../../../src/interfaces/cli/report/task-diff.ts';

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('what a change of a text alters', () => {
  test('is shown with two lines around it, and nothing of the rest', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].join('\n');
    const after = before.replace('e', 'E').replace('f\n', '');
    expect(lineDiff(before, after, PLAIN)).toBe('  ...\n  c\n  d\n- e\n- f\n+ E\n  g\n  h\n');
  });

  test('is nothing for the same text', () => {
    expect(lineDiff('a\n', 'a\n', PLAIN)).toBe('');
  });

  test('steers no terminal, and no line ending is shown as a character', () => {
    expect(lineDiff('a\r\nb', '\u001b[2J\r\nb', PLAIN)).toBe('- a\n+ \\u001b[2J\n  b\n');
  });

  test('holds every line that goes and every line that comes, in their order', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const shown = lines(lineDiff(before.join('\n'), after.join('\n'), PLAIN));
        const marked = (mark: string): string[] =>
          shown.filter((line) => line.startsWith(`${mark} `)).map((line) => line.slice(2));
        // What both sides keep is what is left of each when its own marked lines are taken away.
        expect(without(before, marked('-'))).toEqual(without(after, marked('+')));
      }),
    );
  });
});

/** The multiset of lines that is left, in order of the alphabet. */
function without(all: readonly string[], gone: readonly string[]): string[] {
  const left = [...all];
  for (const line of gone) {
    const at = left.indexOf(line);
    expect(at).toBeGreaterThanOrEqual(0);
    left.splice(at, 1);
  }
  return left.sort();
}
