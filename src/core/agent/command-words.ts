import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';

/** Characters that only a shell gives a meaning; unquoted, they would silently become arguments. */
const OF_THE_SHELL = /[;|&<>$`()]/;

/**
 * The words of a command line that is started without a shell: divided by white space, with single quotes, double
 * quotes and backslashes as a shell reads them. Nothing is expanded, and what would need a shell is refused.
 */
export function commandWords(line: string): Result<readonly string[]> {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\0') return fail(malformed(line, 'it holds a NUL character'));
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (quote === '"' && character === '\\' && /["\\$`]/.test(line.charAt(at + 1))) {
        at += 1;
        word += line.charAt(at);
      } else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at += 1;
      if (at >= line.length) return fail(malformed(line, 'it ends with a backslash'));
      word = (word ?? '') + line.charAt(at);
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OF_THE_SHELL.test(character)) {
      return fail(malformed(line, `it is started without a shell, which alone knows ${character}`));
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) return fail(malformed(line, `a quote (${quote}) is not closed`));
  if (word !== undefined) words.push(word);
  return words.length === 0 || words[0] === '' ? fail(malformed(line, 'it names no program')) : ok(words);
}

function malformed(line: string, why: string): Problem {
  return {
    code: 'malformed-command',
    message: `the command ${JSON.stringify(line)} cannot be started: ${why}`,
    hint: 'quote what is meant literally, or name a shell: acp:sh -c "…"',
  };
}
