/**
 * Reads the YAML that task files are usually written in, many times faster than a parser of all of YAML: maps and
 * lists by indentation, text on one line, plain or in quotes without escapes, comments, `[]` and `{}`. Answers
 * undefined for whatever goes beyond that, be it right or wrong; where it answers, it says what the full parser says.
 */
export function readPlainYaml(text: string): Record<string, unknown> | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const reader: Reader = { text, at: 0, indent: 0, depth: 0 };
  try {
    if (!toContent(reader) || reader.indent !== 0) return undefined;
    const value = readMap(reader, 0);
    return reader.at >= text.length ? value : undefined;
  } catch (error) {
    if (error === BEYOND) return undefined;
    throw error;
  }
}

interface Reader {
  readonly text: string;
  /** At the first character of a line's content, or at the end of the text. */
  at: number;
  /** Columns before it; -1 at the end. */
  indent: number;
  depth: number;
}

/** Thrown once for every file that is left to the full parser, hence without a stack. */
const BEYOND = Symbol('beyond plain YAML');
const MAX_DEPTH = 12;

/** Tabs, control characters, lone carriage returns, and what some readers take for the end of a line. */
const UNUSUAL =
  /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)/;
const DATE = /^\d{4}-\d\d-\d\d/;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const SINGLE_QUOTE = 39;
const HYPHEN = 45;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const OPEN_BRACE = 123;

/** By character: what a key may begin with, what it may go on with, and what plain text may begin with. */
const BEGINS_KEY = 1;
const CONTINUES_KEY = 2;
const BEGINS_PLAIN = 4;
const CHARACTERS = new Uint8Array(128).map((_, code) => {
  const character = String.fromCharCode(code);
  return (
    (/[A-Za-z_]/.test(character) ? BEGINS_KEY : 0) |
    (/[A-Za-z0-9_-]/.test(character) ? CONTINUES_KEY : 0) |
    (/[A-Za-z0-9_/(]/.test(character) ? BEGINS_PLAIN : 0)
  );
});

function is(code: number, kind: number): boolean {
  return ((CHARACTERS[code] ?? 0) & kind) !== 0;
}

/** The end of a key that begins here, which is the place of its colon; -1 where none begins. */
function keyEnd(text: string, start: number): number {
  if (!is(text.charCodeAt(start), BEGINS_KEY)) return -1;
  let at = start + 1;
  while (is(text.charCodeAt(at), CONTINUES_KEY)) at += 1;
  return text.charCodeAt(at) === COLON && isSpaceOrEnd(text, at + 1) ? at : -1;
}

function isSpaceOrEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || at >= text.length;
}

/** What YAML takes for something else than text. */
function isNoText(text: string): boolean {
  return (text.length === 4 || text.length === 5) && NO_TEXT.test(text);
}

const NO_TEXT = /^(?:null|true|false|Null|True|False|NULL|TRUE|FALSE)$/;

/** Moves from the beginning of a line to the next content; false at the end of the text. */
function toContent(reader: Reader): boolean {
  const { text } = reader;
  // Never asked for a character behind the end: that costs the compiler's work on all of this once more.
  for (let at = reader.at; at < text.length; ) {
    const start = at;
    while (at < text.length && text.charCodeAt(at) === SPACE) at += 1;
    const code = at < text.length ? text.charCodeAt(at) : LINE_FEED;
    if (code !== HASH && code !== LINE_FEED && code !== CARRIAGE_RETURN) {
      reader.at = at;
      reader.indent = at - start;
      return true;
    }
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    at = end + 1;
  }
  reader.at = text.length;
  reader.indent = -1;
  return false;
}

function readMap(reader: Reader, indent: number): Record<string, unknown> {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw BEYOND;
  const map: Record<string, unknown> = {};
  for (;;) {
    const end = keyEnd(reader.text, reader.at);
    if (end < 0) throw BEYOND;
    const key = reader.text.slice(reader.at, end);
    if (key === '__proto__' || isNoText(key) || Object.hasOwn(map, key)) throw BEYOND;
    reader.at = end + 1;
    map[key] = readValue(reader, indent, true);
    if (reader.indent < indent) break;
    if (reader.indent > indent) throw BEYOND;
  }
  reader.depth -= 1;
  return map;
}

function readList(reader: Reader, indent: number): unknown[] {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw BEYOND;
  const { text } = reader;
  const list: unknown[] = [];
  for (;;) {
    if (!isDash(reader)) throw BEYOND;
    let at = reader.at + 1;
    while (text.charCodeAt(at) === SPACE) at += 1;
    if (keyEnd(text, at) >= 0) {
      const column = indent + at - reader.at;
      reader.at = at;
      list.push(readMap(reader, column));
    } else {
      reader.at = at - 1;
      list.push(readValue(reader, indent, false));
    }
    if (reader.indent < indent || !isDash(reader)) break;
    if (reader.indent > indent) throw BEYOND;
  }
  // Behind an indentless list, the map that holds it goes on in the same column.
  reader.depth -= 1;
  return list;
}

function isDash({ text, at }: Reader): boolean {
  return text.charCodeAt(at) === HYPHEN && text.charCodeAt(at + 1) === SPACE;
}

/** What stands behind a key's colon or an item's hyphen, up to the next content. */
function readValue(reader: Reader, indent: number, isOfKey: boolean): unknown {
  const { text } = reader;
  let at = reader.at;
  while (text.charCodeAt(at) === SPACE) at += 1;
  const code = text.charCodeAt(at);
  if (
    at >= text.length ||
    code === LINE_FEED ||
    code === CARRIAGE_RETURN ||
    (code === HASH && at > reader.at)
  ) {
    if (!isOfKey) throw BEYOND;
    return readNested(reader, at, indent);
  }
  const value = readScalar(reader, at, code);
  toContent(reader);
  // Text that goes on in the next line.
  if (reader.indent > indent) throw BEYOND;
  return value;
}

function readNested(reader: Reader, at: number, indent: number): unknown {
  const end = reader.text.indexOf('\n', at);
  reader.at = end < 0 ? reader.text.length : end + 1;
  if (!toContent(reader)) return null;
  if (reader.indent > indent)
    return isDash(reader) ? readList(reader, reader.indent) : readMap(reader, reader.indent);
  return reader.indent === indent && isDash(reader) ? readList(reader, indent) : null;
}

function readScalar(reader: Reader, at: number, code: number): unknown {
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return readQuoted(reader, at, code);
  if (code === OPEN_BRACKET || code === OPEN_BRACE) return readEmpty(reader, at, code);
  return readPlain(reader, at, code);
}

function readQuoted(reader: Reader, start: number, quote: number): string {
  const { text } = reader;
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(at)) {
    if (at >= text.length || code === LINE_FEED || code === CARRIAGE_RETURN) throw BEYOND;
    if (code === BACKSLASH && quote === DOUBLE_QUOTE) throw BEYOND;
    at += 1;
  }
  toLineEnd(reader, at + 1);
  return text.slice(start + 1, at);
}

function readEmpty(reader: Reader, at: number, open: number): unknown {
  const close = open === OPEN_BRACKET ? ']' : '}';
  if (reader.text[at + 1] !== close) throw BEYOND;
  toLineEnd(reader, at + 2);
  return open === OPEN_BRACKET ? [] : {};
}

/** Behind a value that has ended, nothing but spaces and a comment may stand in its line. */
function toLineEnd(reader: Reader, end: number): void {
  const { text } = reader;
  let at = end;
  while (text.charCodeAt(at) === SPACE) at += 1;
  if (text.charCodeAt(at) === HASH ? at === end : !isSpaceOrEnd(text, at)) throw BEYOND;
  const feed = text.indexOf('\n', at);
  reader.at = feed < 0 ? text.length : feed + 1;
}

function readPlain(reader: Reader, start: number, first: number): unknown {
  if (!is(first, BEGINS_PLAIN)) throw BEYOND;
  const { text } = reader;
  let end = start + 1;
  let at = end;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) break;
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
    if (code === COLON && isSpaceOrEnd(text, at + 1)) throw BEYOND;
    if (code !== SPACE) end = at + 1;
  }
  const feed = text.indexOf('\n', at);
  reader.at = feed < 0 ? text.length : feed + 1;
  return plainValue(text.slice(start, end));
}

function plainValue(text: string): unknown {
  const code = text.charCodeAt(0);
  if (code < 48 || code > 57) {
    if (!isNoText(text)) return text;
    return text.length === 5 ? false : /^t/i.test(text) ? true : null;
  }
  if (DATE.test(text)) return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^(?:[\d.eE+-]+|0[xo].*)$/.test(text)) throw BEYOND;
  return text;
}
