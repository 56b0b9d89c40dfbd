/** A position in a text, both counted from one. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a text stops being JSON; undefined when all of it is. Node's own errors name no position in half the cases. */
export function placeOfJsonError(text: string): TextPlace | undefined {
  const end = skipSpace(text, valueEnd(text, skipSpace(text, 0), 0));
  if (end === text.length && !isFailure(end)) return undefined;
  const offset = isFailure(end) ? -end - 1 : end;
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** A failure at offset n is carried as -n-1, so that a scan needs no exception to stop. */
function failureAt(offset: number): number {
  return -offset - 1;
}

function isFailure(end: number): boolean {
  return end < 0;
}

const DEEPEST = 500;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

function valueEnd(text: string, start: number, depth: number): number {
  if (depth > DEEPEST) return failureAt(start);
  const first = text.charAt(start);
  if (first === '{') return listEnd(text, start, '}', (at) => memberEnd(text, at, depth));
  if (first === '[') return listEnd(text, start, ']', (at) => valueEnd(text, at, depth + 1));
  return matchEnd(first === '"' ? STRING : SCALAR, text, start);
}

function memberEnd(text: string, start: number, depth: number): number {
  const key = matchEnd(STRING, text, start);
  if (isFailure(key)) return key;
  const colon = skipSpace(text, key);
  if (text.charAt(colon) !== ':') return failureAt(colon);
  return valueEnd(text, skipSpace(text, colon + 1), depth + 1);
}

function listEnd(text: string, start: number, close: string, itemEnd: (at: number) => number): number {
  let at = skipSpace(text, start + 1);
  if (text.charAt(at) === close) return at + 1;
  for (;;) {
    const end = itemEnd(at);
    if (isFailure(end)) return end;
    const next = skipSpace(text, end);
    if (text.charAt(next) === close) return next + 1;
    if (text.charAt(next) !== ',') return failureAt(next);
    at = skipSpace(text, next + 1);
  }
}

function matchEnd(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : failureAt(start);
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at >= 0 && at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}
