/**
 * Test ids (`T-1`, `T-LOGIN-3`) and criterion ids (`AC-1`): how they stand in running text, in titles of tests and,
 * for languages without titles, in names of test functions.
 */

const TEST_ID = /(?<![\w-])T-(?:[A-Z0-9]+-)*\d+(?![\w-]*\w)/g;
const CRITERION_ID = /(?<![\w-])AC-\d+(?!\w)/g;
/** Longest list that a range such as `T-1 to T-9` may stand for. */
const MAX_RANGE = 1000;

/** Ids in the order of the text, ranges (`T-A-1 to T-A-6`, `T-1..T-3`) written out, each once. */
export function readTestIds(text: string): string[] {
  return readIds(text, TEST_ID);
}

export function readCriterionIds(text: string): string[] {
  return readIds(text, CRITERION_ID);
}

function readIds(text: string, pattern: RegExp): string[] {
  const ids = new Set<string>();
  let previous: { id: string; end: number } | undefined;
  for (const match of text.matchAll(pattern)) {
    const id = match[0];
    const between = previous === undefined ? '' : text.slice(previous.end, match.index);
    if (previous !== undefined && /^[\s`*]*(?:to|through|\.\.\.?|…|–|—)[\s`*]*$/.test(between)) {
      for (const inner of range(previous.id, id)) ids.add(inner);
    }
    ids.add(id);
    previous = { id, end: match.index + id.length };
  }
  return [...ids];
}

function range(from: string, to: string): string[] {
  const [first, last] = [splitNumber(from), splitNumber(to)];
  if (first.prefix !== last.prefix || last.number - first.number > MAX_RANGE) return [];
  const ids: string[] = [];
  for (let number = first.number; number <= last.number; number += 1) ids.push(`${first.prefix}${number}`);
  return ids;
}

function splitNumber(id: string): { prefix: string; number: number } {
  const at = id.lastIndexOf('-') + 1;
  return { prefix: id.slice(0, at), number: Number(id.slice(at)) };
}

/** `T-LOGIN-3` as a part of an identifier: `T_LOGIN_3`. */
export function identifierPart(id: string): string {
  return id.replaceAll('-', '_');
}

/** Does a title, or the name of a test function, carry this id? `T-1` is not in `T-10`. */
export function carriesTestId(title: string, id: string): boolean {
  const written = readTestIds(title);
  if (written.length > 0) return written.includes(id);
  const part = identifierPart(id);
  return new RegExp(`(?:^|[^A-Za-z0-9]|[Tt]est)${part}(?![A-Za-z0-9])`, 'i').test(title);
}

/** The id in a title or in the name of a test function, whichever ids there are; undefined when it carries none. */
export function findTestId(title: string): string | undefined {
  const written = readTestIds(title)[0];
  if (written !== undefined) return written;
  const part = /(?:^|[^A-Za-z0-9]|[Tt]est)(t(?:_[a-z0-9]+)*?_\d+)(?![A-Za-z0-9])/i.exec(title)?.[1];
  return part?.toUpperCase().replaceAll('_', '-');
}

/** What names the tests in the text of a test file: titles, and names of test functions. */
export function readTestTitles(text: string): string[] {
  const source = text
    .split(/\r?\n/)
    .map((line) => (/^\s*(?:\/\/|\*|#(?!\[))/.test(line) ? '' : line))
    .join('\n');
  return [...readQuotedTitles(text), ...readFunctionNames(source)];
}

/** Comments and string literals. A quote that opens nothing (in a regular expression, say) costs one line at most. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=\s|^)#\s[^\n]*|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|`((?:\\[\s\S]|[^`\\])*)`/g;

/** What stands before a literal that is a title; the last form is a table's call, `it.each(table)('title')`. */
const BEFORE_TITLE = [
  /(?:^|[^\w$.])(?:it|test|specify|scenario|example|t\.Run|Deno\.test)(?:\.\w+)*\s*(?:<[^<>]*>)?\s*\(?\s*$/,
  /\bDisplayName\s*[=(]\s*$/,
  /[)`]\s*\(\s*$/,
];

function readQuotedTitles(source: string): string[] {
  const titles: string[] = [];
  for (const match of source.matchAll(TOKEN)) {
    const literal = match[1] ?? match[2] ?? match[3];
    if (literal === undefined) continue;
    const before = source.slice(Math.max(0, match.index - 200), match.index);
    if (BEFORE_TITLE.some((form) => form.test(before))) titles.push(literal);
  }
  return titles;
}

const FUNCTION_NAME =
  /\b(?:def|func|fn|void|function|Task|fun)\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)\s*(?:\(|do\b|$)/gm;

function readFunctionNames(source: string): string[] {
  return [...source.matchAll(FUNCTION_NAME)]
    .map((match) => match[1] ?? '')
    .filter((name) => /test|^t_|it_/i.test(name));
}
