import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkGlob, checkGlobs, matches } from '../../../src/core/glob/match.ts';

describe('one glob', () => {
  test.each([
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'main2', false],
    ['*', 'feature/x', false],
    ['*', '.env', true],
    ['feature/*', 'feature/x', true],
    ['feature/*', 'feature/x/y', false],
    ['feature/*', 'feature/', true],
    ['**', 'a/b/.c', true],
    ['**', '', true],
    ['docs/**', 'docs/a/b.md', true],
    ['docs/**', 'docs/', true],
    ['docs/**', 'docs', false],
    ['docs/**', 'docs2/a', false],
    ['**/README.md', 'README.md', true],
    ['**/README.md', 'a/b/README.md', true],
    ['**/README.md', 'xREADME.md', false],
    ['**.js', 'src/a.js', true],
    ['*.js', 'src/a.js', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'axb', false],
    ['a**b', 'a/x/b', true],
    ['**/docs/**', 'docs/a', true],
    ['**/**/a', 'a', true],
    ['*.jsx?', 'page.js', true],
    ['*.jsx?', 'page.jsx', true],
    ['*.jsx?', 'page.jsxx', false],
    ['v[0-9]+.[0-9]+', 'v12.0', true],
    ['v[0-9]+.[0-9]+', 'v.0', false],
    ['v[0-9]', 'v5', true],
    ['v[!0-9]', 'v5', false],
    ['v[^0-9]', 'vx', true],
    ['a[!x]b', 'a/b', false],
    ['a[+-0]b', 'a/b', false],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['[\\]]', ']', true],
    ['{main,release/**}', 'main', true],
    ['{main,release/**}', 'release/1/2', true],
    ['{main,release/**}', 'other', false],
    ['{a,{b,c}d}e', 'cde', true],
    ['x{,y}', 'x', true],
    ['{**/a,b}', 'x/y/a', true],
    ['{a,b}+c', 'abbac', true],
    ['a.b', 'axb', false],
    ['a(b|c)', 'ab', false],
    ['a(b|c)', 'a(b|c)', true],
    ['@(a)', '@(a)', true],
    ['^a$', '^a$', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\!x', '!x', true],
    ['c\\+\\+', 'c++', true],
    ['./docs/*', 'docs/a', true],
    ['a,b}', 'a,b}', true],
    ['h?ält', 'hält', true],
    ['[😀-😂]', '😁', true],
    ['line*', 'line\nbreak', true],
  ])('%s and %j: %s', (glob, value, expected) => {
    expect(checkGlob(glob)).toBeUndefined();
    expect(matches([glob], value)).toBe(expected);
  });
});

describe('a list', () => {
  test('the last glob that matches decides', () => {
    const globs = ['src/**', '!src/generated/**', 'src/generated/keep.ts'];
    expect(matches(globs, 'src/a.ts')).toBe(true);
    expect(matches(globs, 'src/generated/a.ts')).toBe(false);
    expect(matches(globs, 'src/generated/keep.ts')).toBe(true);
    expect(matches(['!src/generated/**', 'src/**'], 'src/generated/a.ts')).toBe(true);
  });

  test('an empty one matches nothing, nor does one that only excludes', () => {
    expect(matches([], 'a')).toBe(false);
    expect(matches(['!main'], 'dev')).toBe(false);
    expect(checkGlobs(['!main'])).toMatch(/only excludes/);
    expect(checkGlobs(['**', '!main'])).toBeUndefined();
    expect(checkGlobs([])).toBeUndefined();
  });
});

describe('malformed globs', () => {
  test.each([
    ['', /empty/],
    ['!', /empty/],
    ['[abc', /never closed/],
    ['[', /never closed/],
    ['[]', /never closed/],
    ['[z-a]', /backwards/],
    ['[[:alpha:]]', /not known/],
    ['{a,b', /never closed/],
    ['{a}', /without a comma/],
    ['{1..3}', /without a comma/],
    ['a\\', /backslash/],
    ['[a\\', /never closed|backslash/],
    ['***', /more than two/],
    ['?a', /stands before/],
    ['*?', /stands before/],
    ['c++', /stands before/],
    ['/docs', /begins with/],
    ['a'.repeat(1001), /at most 1000/],
    ['{'.repeat(1000), /never closed/],
  ])('%s', (glob, message) => {
    expect(checkGlob(glob)).toMatch(message);
    expect(matches([glob, '**'], 'anything')).toBe(false);
  });
});

test('no glob makes it go back and forth', () => {
  const value = 'a'.repeat(1500);
  expect(matches([`${'**a'.repeat(200)}b`], value)).toBe(false);
  expect(matches([`${'{a,a,a}+'.repeat(100)}b`], value)).toBe(false);
  expect(matches([`${'a?'.repeat(300)}${'a'.repeat(300)}`], 'a'.repeat(300))).toBe(true);
});

test('it agrees with a regular expression made by hand', () => {
  const part = fc.constantFrom(
    ['*', '[^/]*'],
    ['**', '.*'],
    ['a', 'a'],
    ['/', '/'],
    ['.', '\\.'],
    ['[ab]', '[ab]'],
  );
  const parts = fc.array(part, { minLength: 1, maxLength: 6 });
  const values = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
  fc.assert(
    fc.property(parts, values, (pieces, value) => {
      const glob = pieces.map(([text]) => text).join('');
      fc.pre(!glob.startsWith('/') && !glob.startsWith('./'));
      fc.pre(pieces.every(([text], at) => !text?.startsWith('*') || !pieces[at + 1]?.[0]?.startsWith('*')));
      const expression = pieces.map(([, text]) => text).join('');
      // A whole segment "**" may be no directory.
      const whole = expression.replace(/(^|\/)(?:\.\*\/)+/g, '$1(?:.*/)?');
      expect(matches([glob], value)).toBe(new RegExp(`^${whole}$`, 's').test(value));
    }),
    { numRuns: 2000 },
  );
});

test('any text is either refused or read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (glob, value) => {
      expect(typeof matches([glob], value)).toBe('boolean');
    }),
  );
});
