/** The keys and values of a map, in the order of the text. */
export interface PlainEntries {
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Reads the YAML that task files are usually written in, many times faster than a parser of all of YAML: maps and
 * lists by indentation, text on one line, plain or in quotes without escapes, comments, `[]` and `{}`. Answers
 * undefined for whatever goes beyond that, be it right or wrong; where it answers, it says what the full parser says.
 */
export function readPlainYaml(text: string): Record<string, unknown> | undefined {
  const entries = readPlainEntries(text, 0, text.length);
  if (entries === undefined) return undefined;
  const map: Record<string, unknown> = {};
  for (const [index, key] of entries.keys.entries()) {
    if (Object.hasOwn(map, key)) return undefined;
    map[key] = entries.values[index];
  }
  return map;
}

/**
 * The same of whole lines of a text, without the object: with twenty keys it would be a hash table to V8, and dear. A key
 * may be there twice.
 */
export function readPlainEntries(text: string, start: number, end: number): PlainEntries | undefined {
  const reader: Reader = {
    text,
    end,
    at: start,
    indent: -1,
    item: 0,
    key: undefined,
    value: NOTHING,
    depth: 0,
  };
  try {
    toContent(reader);
    if (reader.indent !== 0) return undefined;
    const keys: string[] = [];
    const values: unknown[] = [];
    do {
      keys.push(readKey(reader));
      values.push(readValue(reader, 0));
    } while (reader.indent === 0);
    return reader.indent < 0 ? { keys, values } : undefined;
  } catch (error) {
    if (error === BEYOND) return undefined;
    throw error;
  }
}

/** What a line says that is neither empty nor a comment, and where the one behind it begins. */
interface Reader {
  readonly text: string;
  readonly end: number;
  at: number;
  /** Columns before its content; -1 behind the last line. */
  indent: number;
  /** Columns that the hyphen of a list's item takes, with its spaces; 0 without one. */
  item: number;
  key: string | undefined;
  value: unknown;
  depth: number;
}

const NOTHING = Symbol('no value in this line');
/** Thrown once for every file that is left to the full parser, hence without a stack. */
const BEYOND = Symbol('beyond plain YAML');
const MAX_DEPTH = 12;

/** Control characters, what some readers take for the end of a line, and halves of characters. */
const UNUSUAL = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff\\ufeff\\ufffe\\uffff';
const COMMENT = `#[^${UNUSUAL}]*`;
const WORD = `[^${UNUSUAL} :]`;
const ENDS = '(?![^ \\r\\n])';
/**
 * One line: indentation, hyphen, key, value. A pattern and not a loop over characters, because it is fast from the first
 * file on: a loop is only so when a thousand files have been read. No character can be matched in two ways.
 */
const LINE = new RegExp(
  [
    `( *)(?:${COMMENT}|(- +)?`,
    `(?:([A-Za-z_][A-Za-z0-9_-]*):${ENDS})?`,
    `(?: *(?:([A-Za-z0-9_/(]${WORD}*(?:(?: +(?!#)|:+)${WORD}+)*)`,
    `|"([^"\\\\${UNUSUAL}]*)"|'([^'${UNUSUAL}]*)'|(\\[\\]|\\{\\}))${ENDS})?`,
    `(?: +${COMMENT})? *)(?:\\r?\\n|$)`,
  ].join(''),
  'y',
);

/** Moves to the next line that has content. */
function toContent(reader: Reader): void {
  while (reader.at < reader.end) {
    LINE.lastIndex = reader.at;
    const line = LINE.exec(reader.text);
    if (line === null) throw BEYOND;
    reader.at = LINE.lastIndex;
    const item = line[2];
    const value = valueIn(line);
    reader.key = line[3];
    if (item === undefined && reader.key === undefined && value === NOTHING) continue;
    reader.indent = line[1]?.length ?? 0;
    reader.item = item?.length ?? 0;
    reader.value = value;
    return;
  }
  reader.indent = -1;
}

function valueIn(line: RegExpExecArray): unknown {
  if (line[4] !== undefined) return plainValue(line[4]);
  if (line[5] !== undefined) return line[5];
  if (line[6] !== undefined) return line[6];
  return line[7] === undefined ? NOTHING : line[7] === '[]' ? [] : {};
}

function readKey({ key, item }: Reader): string {
  if (key === undefined || item > 0 || key === '__proto__' || isNoText(key)) throw BEYOND;
  return key;
}

function readMap(reader: Reader, indent: number): Record<string, unknown> {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw BEYOND;
  const map: Record<string, unknown> = {};
  for (;;) {
    const key = readKey(reader);
    if (Object.hasOwn(map, key)) throw BEYOND;
    map[key] = readValue(reader, indent);
    if (reader.indent < indent) break;
    if (reader.indent > indent) throw BEYOND;
  }
  reader.depth -= 1;
  return map;
}

function readList(reader: Reader, indent: number): unknown[] {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw BEYOND;
  const list: unknown[] = [];
  for (;;) {
    if (reader.key === undefined) {
      if (reader.value === NOTHING) throw BEYOND;
      list.push(readValue(reader, indent));
    } else {
      // The map begins in the item's own line, in the column of its first key.
      reader.indent += reader.item;
      reader.item = 0;
      list.push(readMap(reader, reader.indent));
    }
    if (reader.indent < indent || reader.item === 0) break;
    if (reader.indent > indent) throw BEYOND;
  }
  // Behind an indentless list, the map that holds it goes on in the same column.
  reader.depth -= 1;
  return list;
}

/** What stands in the line, or nested below its key; then the reader is at the next content. */
function readValue(reader: Reader, indent: number): unknown {
  const { value } = reader;
  toContent(reader);
  if (value !== NOTHING) {
    // Text that goes on in the next line.
    if (reader.indent > indent) throw BEYOND;
    return value;
  }
  if (reader.indent > indent)
    return reader.item > 0 ? readList(reader, reader.indent) : readMap(reader, reader.indent);
  return reader.indent === indent && reader.item > 0 ? readList(reader, indent) : null;
}

/** What YAML takes for something else than text. */
function isNoText(text: string): boolean {
  return (text.length === 4 || text.length === 5) && NO_TEXT.test(text);
}

const NO_TEXT = /^(?:null|true|false|Null|True|False|NULL|TRUE|FALSE)$/;
const DATE = /^\d{4}-\d\d-\d\d/;

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
