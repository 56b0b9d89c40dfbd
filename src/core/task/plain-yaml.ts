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
const KEY = /([A-Za-z_][A-Za-z0-9_-]*):(?=[ \r\n]|$)/y;
const NO_TEXT = /^(?:null|true|false|Null|True|False|NULL|TRUE|FALSE)$/;
const EMPTY = /(\[\]|\{\}) *(?: #[^\n]*)?\r?(?:\n|$)/y;
const DOUBLE_QUOTED = /"([^"\\\r\n]*)" *(?: #[^\n]*)?\r?(?:\n|$)/y;
const SINGLE_QUOTED = /'([^'\r\n]*)' *(?: #[^\n]*)?\r?(?:\n|$)/y;
const PLAIN = /[A-Za-z0-9_/(][^\r\n]*/y;

/** Moves from the beginning of a line to the next content; false at the end of the text. */
function toContent(reader: Reader): boolean {
  const { text } = reader;
  let at = reader.at;
  for (;;) {
    const start = at;
    while (text.charCodeAt(at) === 32) at += 1;
    const code = text.charCodeAt(at);
    if (code !== 35 && code !== 10 && code !== 13 && at < text.length) {
      reader.at = at;
      reader.indent = at - start;
      return true;
    }
    const end = at < text.length ? text.indexOf('\n', at) : -1;
    if (end < 0) {
      reader.at = text.length;
      reader.indent = -1;
      return false;
    }
    at = end + 1;
  }
}

function readMap(reader: Reader, indent: number): Record<string, unknown> {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw BEYOND;
  const map: Record<string, unknown> = {};
  for (;;) {
    KEY.lastIndex = reader.at;
    const found = KEY.exec(reader.text);
    const key = found?.[1];
    if (key === undefined || key === '__proto__' || NO_TEXT.test(key) || Object.hasOwn(map, key))
      throw BEYOND;
    reader.at += key.length + 1;
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
    while (text.charCodeAt(at) === 32) at += 1;
    KEY.lastIndex = at;
    if (KEY.test(text)) {
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
  return text.charCodeAt(at) === 45 && text.charCodeAt(at + 1) === 32;
}

/** What stands behind a key's colon or an item's hyphen, up to the next content. */
function readValue(reader: Reader, indent: number, isOfKey: boolean): unknown {
  const { text } = reader;
  let at = reader.at;
  while (text.charCodeAt(at) === 32) at += 1;
  const code = text.charCodeAt(at);
  if (at >= text.length || code === 10 || code === 13 || (code === 35 && at > reader.at)) {
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
  const pattern = code === 34 ? DOUBLE_QUOTED : code === 39 ? SINGLE_QUOTED : EMPTY;
  if (code === 34 || code === 39 || code === 91 || code === 123) {
    pattern.lastIndex = at;
    const found = pattern.exec(reader.text);
    if (found === null) throw BEYOND;
    reader.at = pattern.lastIndex;
    const [, content = ''] = found;
    return pattern === EMPTY ? (content === '[]' ? [] : {}) : content;
  }
  PLAIN.lastIndex = at;
  const found = PLAIN.exec(reader.text);
  if (found === null) throw BEYOND;
  const end = reader.text.indexOf('\n', PLAIN.lastIndex);
  reader.at = end < 0 ? reader.text.length : end + 1;
  const [line] = found;
  const comment = line.indexOf(' #');
  return plainValue((comment < 0 ? line : line.slice(0, comment)).trimEnd());
}

function plainValue(text: string): unknown {
  if (text.includes(': ') || text.endsWith(':')) throw BEYOND;
  const code = text.charCodeAt(0);
  if (code < 48 || code > 57) {
    if (!NO_TEXT.test(text)) return text;
    return text.length === 5 ? false : /^t/i.test(text) ? true : null;
  }
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^\d{4}-\d\d-\d\d/.test(text)) return text;
  if (/^(?:[\d.eE+-]+|0[xo].*)$/.test(text)) throw BEYOND;
  return text;
}
