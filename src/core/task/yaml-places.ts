import type { ListNode, MapEntry, ScalarNode, YamlNode } from './yaml-tree.ts';

/** Where a value ends; undefined where that cannot be told. `after` is the end of its key's colon or its hyphen. */
export function endOf(text: string, node: YamlNode, after: number): number | undefined {
  if (node.kind === 'scalar') return node.start < 0 ? after : endOfScalar(text, node);
  if (node.kind === 'alias') return node.end;
  if (node.isFlow) return endOfFlow(text, node);
  if (node.kind === 'map') {
    const last = node.entries.at(-1);
    return last === undefined ? after : endOfEntry(text, last);
  }
  const dash = hyphensOf(text, node)?.at(-1);
  const item = node.items.at(-1);
  return dash === undefined || item === undefined ? undefined : endOf(text, item, dash + 1);
}

/** Empty lines below a block of lines belong to it only where its `+` keeps them. */
function endOfScalar(text: string, { style, start, end }: ScalarNode): number {
  if (style !== 'literal' && style !== 'folded') return end;
  const header = text.slice(lineStart(text, Math.max(0, start - 2)), start);
  return /[|>]\d?\+/.test(header) ? end : end - blankLinesAtEnd(text.slice(start, end));
}

/** Characters of the empty lines at the end of a text of whole lines. */
export function blankLinesAtEnd(lines: string): number {
  return /(?:(?<=^|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r))*$/.exec(lines)?.[0].length ?? 0;
}

export function endOfEntry(text: string, { keyNode, value }: MapEntry): number | undefined {
  const colon = afterColon(text, keyNode);
  if (colon !== undefined) return endOf(text, value, colon);
  // In brackets, a key may stand alone.
  return value.start < 0 ? keyEnd(keyNode) : undefined;
}

/** The end of the colon behind a key. */
export function afterColon(text: string, keyNode: YamlNode): number | undefined {
  const end = keyEnd(keyNode);
  if (end === undefined) return undefined;
  const at = skip(text, end, /[ \t]*/y);
  return text[at] === ':' ? at + 1 : undefined;
}

function keyEnd(keyNode: YamlNode): number | undefined {
  return keyNode.kind === 'scalar' && keyNode.start >= 0 ? keyNode.end : undefined;
}

/** The places of a list's hyphens; undefined for one in brackets. */
export function hyphensOf(text: string, list: ListNode): number[] | undefined {
  if (list.isFlow) return undefined;
  const hyphens: number[] = [];
  let at = list.start;
  for (const item of list.items) {
    at = skip(text, at, BETWEEN);
    if (text[at] !== '-') return undefined;
    hyphens.push(at);
    const end = endOf(text, item, at + 1);
    if (end === undefined) return undefined;
    at = end;
  }
  return hyphens;
}

/** The beginning of the line after a value, behind a comment of its own; undefined where more stands in its line. */
export function nextLine(text: string, end: number): number | undefined {
  if (end > 0 && isLineEnd(text[end - 1])) return end;
  const at = skip(text, end, /[ \t]*(?:(?<=[ \t])#[^\r\n]*)?/y);
  if (at >= text.length) return at;
  if (text[at] === '\r' && text[at + 1] === '\n') return at + 2;
  return isLineEnd(text[at]) ? at + 1 : undefined;
}

/** The same, behind the comments that stand below a value and deeper than its key. */
export function nextLineBelowComments(text: string, end: number, column: number): number | undefined {
  const line = nextLine(text, end);
  if (line === undefined) return undefined;
  return skip(text, line, new RegExp(`(?: {${column + 1},}#[^\\r\\n]*(?:\\r\\n|\\n|\\r))*`, 'y'));
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

export function lineStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isLineEnd(text[start - 1])) start -= 1;
  return start;
}

/** Whether nothing but spaces stands before a place in its line. */
export function beginsLine(text: string, at: number): boolean {
  return /^ *$/.test(text.slice(lineStart(text, at), at));
}

export function isLineEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}

/** Space, line ends and comments. */
const BETWEEN = /(?:[ \t\r\n]|(?<=^|[ \t\r\n])#[^\r\n]*)*/y;
const BETWEEN_IN_FLOW = /(?:[ \t\r\n,:?]|(?<=[ \t\r\n])#[^\r\n]*)*/y;

function endOfFlow(text: string, node: Extract<YamlNode, { isFlow: boolean }>): number | undefined {
  const inside = node.kind === 'map' ? node.entries.at(-1) : node.items.at(-1);
  let at: number | undefined = node.start + 1;
  if (inside !== undefined) at = 'keyNode' in inside ? endOfEntry(text, inside) : endOf(text, inside, -1);
  if (at === undefined || at < 0) return undefined;
  const close = skip(text, at, BETWEEN_IN_FLOW);
  return text[close] === (node.kind === 'map' ? '}' : ']') ? close + 1 : undefined;
}

function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
