import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSlug } from '../../../src/core/feature/slug.ts';

describe('a slug', () => {
  it('stays as it is when it is one already', () => {
    expect(parseSlug('your-slug-2')).toEqual({ ok: true, value: { slug: 'your-slug-2' } });
  });

  it.each([
    ['Your Slug', 'your-slug'],
    ['  user_login ', 'user-login'],
    ['A--B', 'a-b'],
  ])('is made from %j and says so', (text, slug) => {
    expect(parseSlug(text)).toEqual({ ok: true, value: { slug, changedFrom: text } });
  });

  it.each([
    '',
    ' ',
    '../x',
    'a/b',
    'a\\b',
    'a.b',
    '.',
    '~',
    'C:x',
    'a\nb',
    'a\u0000',
    '$(x)',
    'a;b',
    'a`b',
    "a'b",
    'a&b',
    '--help',
    '_',
    'größe',
    'a\u202eb',
  ])('is never made from %j', (text) => {
    expect(parseSlug(text).ok).toBe(false);
  });

  it('has at most 64 characters', () => {
    expect(parseSlug('a'.repeat(64)).ok).toBe(true);
    expect(parseSlug('a'.repeat(65)).ok).toBe(false);
  });

  it('is refused with a short message, however long the input is', () => {
    for (const text of ['a'.repeat(5000), '/'.repeat(5000), '\n'.repeat(5000)]) {
      const result = parseSlug(text);
      expect(!result.ok && result.error.message.length).toBeLessThan(200);
    }
  });

  it('is safe in a path and in a shell whenever it is accepted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const result = parseSlug(text);
        if (result.ok) expect(result.value.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});
