import { describe, expect, it } from 'vitest';
import { plainText, shorten } from '../../../src/core/agent/plain-text.ts';

describe('plain text', () => {
  it.each([
    ['\x1b[1;31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x9b31mred', 'red'],
    ['\x1bPq#data\x1b\\after', 'after'],
    ['a\x00b\x08c\x7f', 'abc'],
    ['tab\tand\nline\r\n', 'tab\tand\nline\n'],
    ['10%\r20%', '10% 20%'],
    ['\u202eevil\u2066', 'evil'],
    ['cut \x1b[', 'cut '],
  ])('of %j has no escapes and controls', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });
});

describe('a shortened text', () => {
  it('says how much is missing and never ends in half a character', () => {
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abcdef', 3)).toBe('abc… [3 more characters]');
    expect(shorten('ab😀cd', 3)).toBe('ab… [4 more characters]');
  });
});
