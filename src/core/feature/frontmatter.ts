/**
 * The frontmatter of a Markdown text by position, so that one line of it can be changed and no other byte.
 * Only keys in the first column are seen; that is enough for the single values this program keeps there.
 */
export interface Frontmatter {
  /** Offset of the first byte after the opening line. */
  readonly start: number;
  /** Offset of the closing line. */
  readonly end: number;
  /** `\n` or `\r\n`, as the opening line ends. */
  readonly lineEnding: string;
}

/** Undefined when the text does not begin with a closed block of `key: value` lines; a ruled-off paragraph is none. */
export function findFrontmatter(text: string): Frontmatter | undefined {
  const opening = /^\uFEFF?---[ \t]*(\r?\n)/.exec(text);
  if (opening === null) return undefined;
  const start = opening[0].length;
  const closing = /^---[ \t]*$/m;
  let offset = start;
  for (const line of text.slice(start).split('\n')) {
    const content = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (closing.test(content)) {
      return looksLikeMapping(text.slice(start, offset))
        ? { start, end: offset, lineEnding: opening[1] ?? '\n' }
        : undefined;
    }
    offset += line.length + 1;
  }
  return undefined;
}

function looksLikeMapping(block: string): boolean {
  const first = block.split('\n').find((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return first === undefined || /^(?:[^\s:#"'-][^:]*|"[^"]*"|'[^']*')[ \t]*:(?:\s|$)/.test(first);
}

export interface FrontmatterEntry {
  /** Unquoted; empty when the key has no value. */
  readonly value: string;
  /** Offsets of what stands between the colon and the end of the line (or of a comment). */
  readonly start: number;
  readonly end: number;
}

/** The first entry with this key. */
export function findEntry(text: string, block: Frontmatter, key: string): FrontmatterEntry | undefined {
  const body = text.slice(block.start, block.end);
  const pattern = new RegExp(`^(?:${key}|"${key}"|'${key}')[ \\t]*:(?=[ \\t\\r\\n]|$)`, 'm');
  const found = pattern.exec(body);
  if (found === null) return undefined;
  const start = block.start + found.index + found[0].length;
  const rest = text.slice(start, block.end);
  const line = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
  const end = start + valueLength(line);
  const inline = unquote(text.slice(start, end).trim());
  const continued = /^(?:[|>][+-]?)?$/.test(inline) ? continuation(rest.slice(line.length)) : inline;
  return { value: isNull(continued) ? '' : continued, start, end };
}

/** Without a comment; a `#` inside quotes is none. */
function valueLength(line: string): number {
  const quoted = /^[ \t]*(["']).*?\1(?=[ \t]*(?:#|$))/.exec(line);
  if (quoted !== null) return quoted[0].length;
  return /(?:^|[ \t]+)#/.exec(line)?.index ?? line.length;
}

function unquote(raw: string): string {
  return /^(["'])(.*)\1$/.exec(raw)?.[2] ?? raw;
}

function isNull(value: string): boolean {
  return value === '' || value === '~' || value.toLowerCase() === 'null';
}

/** A value that stands on indented lines below its key. */
function continuation(rest: string): string {
  const lines: string[] = [];
  for (const line of rest.split(/\r?\n/).slice(1)) {
    if (!/^[ \t]+\S/.test(line)) break;
    lines.push(line.trim());
  }
  return lines.join(' ');
}
