import { describe, expect, it } from 'vitest';
import { commandWords } from '../../../src/core/agent/command-words.ts';

describe('the words of a command without a shell', () => {
  it.each([
    ['gemini --acp', ['gemini', '--acp']],
    ["  a 'b c'  \"d \\\" e\" f\\ g ''", ['a', 'b c', 'd " e', 'f g', '']],
    ["sh -c 'x | y && $z'", ['sh', '-c', 'x | y && $z']],
    ['a "*" b*', ['a', '*', 'b*']],
  ])('%s', (line, words) => {
    expect(commandWords(line)).toEqual({ ok: true, value: words });
  });

  it.each([
    '',
    '   ',
    "a 'b",
    'a "b',
    'a \\',
    'a | b',
    'a; b',
    'a && b',
    'a > b',
    'a $HOME',
    'a `b`',
    "'' a",
    'a\0b',
  ])('refuses what has no program, no end, or a meaning for a shell alone: %j', (line) => {
    expect(commandWords(line)).toMatchObject({ ok: false, error: { code: 'malformed-command' } });
  });
});
