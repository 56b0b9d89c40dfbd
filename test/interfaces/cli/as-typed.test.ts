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

  test('has the name by which the program was called', () => {
    const called = '/project/node_modules/.bin/orchestrate';
    expect(asTyped('hint: murmur8 pipeline list', {}, called)).toBe('hint: orchestrate pipeline list');
    expect(asTyped('murmur8 approval approve a1', throughNpx, called)).toBe(
      'npx --no-install orchestrate approval approve a1',
    );
    expect(asTyped('murmur8 pipeline list', {}, '/srv/orchestrate/murmur8.cjs')).toBe(
      'murmur8 pipeline list',
    );
  });
});
