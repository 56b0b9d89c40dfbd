import { describe, expect, test } from 'vitest';
import { asTyped } from '../../../src/interfaces/cli/as-typed.ts';

describe('a command in a message', () => {
  const throughNpx = { npm_lifecycle_event: 'npx' };

  test('stays as it is where the program is on the path', () => {
    expect(asTyped('murmur8 resume 1a2b', {})).toBe('murmur8 resume 1a2b');
  });

  test('is what a caller through npx has to type, at every place of the text', () => {
    expect(asTyped('correct it: murmur8 validate, then murmur8 resume 1a2b', throughNpx)).toBe(
      'correct it: npx --no-install murmur8 validate, then npx --no-install murmur8 resume 1a2b',
    );
  });

  test('is not made longer twice, and the name alone is left alone', () => {
    expect(asTyped('npx --no-install murmur8 init', { ...throughNpx })).toContain(
      '--no-install murmur8 init',
    );
    expect(asTyped('update murmur8, then go on', throughNpx)).toBe('update murmur8, then go on');
  });
});
