/**
 * One assignment at the start of a line. A quoted value may span lines, so that what stands inside it is never
 * taken for an assignment of its own; anything that does not close its quote is an unquoted value.
 */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(?:(?:"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|`([^`]*)`)(?=[ \t]*(?:#|$))|([^\n]*))/gm;

/**
 * Names and values of a `.env` text (seed 004: parsed by hand). A line that is no assignment is passed over and
 * takes nothing else with it, as Node's own parser would. The last of two equal names wins.
 */
export function parseDotenv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const normal = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  for (const [, name, double, single, backtick, bare] of normal.matchAll(ASSIGNMENT)) {
    if (name === undefined) continue;
    if (double !== undefined) values.set(name, unescapeDouble(double));
    else values.set(name, single ?? backtick ?? withoutComment(bare ?? ''));
  }
  return values;
}

function unescapeDouble(text: string): string {
  return text.replace(/\\([nrt"\\])/g, (_whole, letter: string) => ESCAPES[letter] ?? letter);
}
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** As in a shell, `#` opens a comment only where a word could begin: a key or an address may hold one. */
function withoutComment(text: string): string {
  if (text.startsWith('#')) return '';
  const comment = text.search(/\s#/);
  return (comment === -1 ? text : text.slice(0, comment)).trim();
}
