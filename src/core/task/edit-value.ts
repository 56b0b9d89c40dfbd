import { type EditDocument, likeNode, placeIn, type Splice } from './edit-document.ts';
import { type Like, renderBlock, renderInline, renderNested, UNLIKE } from './render-yaml.ts';
import { blankLinesAtEnd, columnOf, endOf, isLineEnd, nextLine } from './yaml-places.ts';
import type { YamlNode } from './yaml-tree.ts';

/** A value that is to be replaced, and what holds it. */
export interface Target {
  readonly node: YamlNode;
  /** The end of its key's colon, or of its hyphen; -1 for what has neither. */
  readonly after: number;
  /** The column of its key; undefined for an item of a list. */
  readonly keyColumn: number | undefined;
  readonly isInFlow: boolean;
  readonly depth: number;
}

/**
 * Puts another value in the place of one. Undefined where that takes two steps (an empty value first) or cannot be
 * done safely.
 */
export function replaceValue(
  document: EditDocument,
  target: Target,
  value: unknown,
): readonly Splice[] | undefined {
  const { text } = document;
  const { node, after, keyColumn, isInFlow } = target;
  const like = likeNode(node);
  const isLong = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const keepsBrackets = isInFlow || like.isFlow === true;
  const place = placeIn(document, keyColumn ?? 0, isInFlow, target.depth);
  if (isLong && !keepsBrackets) return isBlock(node) ? undefined : asLines(document, target, value, UNLIKE);
  const inline = renderInline(value, place, like);
  if (node.kind === 'scalar' && (node.style === 'literal' || node.style === 'folded'))
    return replaceLines(document, target, inline);
  if (node.start < 0) return after < 0 ? undefined : [{ start: after, end: after, text: ` ${inline}` }];
  if (isBlock(node)) return replaceBlock(document, target, inline);
  const end = endOf(text, node, after);
  return end === undefined
    ? undefined
    : [{ start: node.outerStart, end, text: spaced(text, node.outerStart, inline) }];
}

/** A list or map in the place of text or nothing. */
function asLines(
  document: EditDocument,
  { node, after, keyColumn, depth }: Target,
  value: unknown,
  like: Like,
): readonly Splice[] | undefined {
  const { text, lineEnding } = document;
  if (node.kind === 'scalar' && (node.style === 'literal' || node.style === 'folded')) return undefined;
  const end = endOf(text, node, after);
  if (end === undefined || after < 0) return undefined;
  if (keyColumn === undefined) {
    if (node.start < 0) return undefined;
    const place = placeIn(document, columnOf(text, node.outerStart), false, depth);
    return [{ start: node.outerStart, end, text: renderBlock(value, place, like) }];
  }
  const line = nextLine(text, end);
  if (line === undefined) return undefined;
  const nested = renderNested(value, placeIn(document, keyColumn, false, depth), like);
  return [
    { start: after, end, text: '' },
    { start: line, end: line, text: `${nested}${lineEnding}` },
  ];
}

/** Of a block of lines, its `|` and its lines go; a comment behind the `|` and empty lines below stay. */
function replaceLines(
  { text, lineEnding }: EditDocument,
  { node, after }: Target,
  inline: string,
): readonly Splice[] | undefined {
  const header = /^([ \t]*)[|>][-+\d]*(?=[ \t\r\n]|$)/.exec(text.slice(after, after + 64));
  if (after < 0 || header === null || node.outerStart < node.start) return undefined;
  const start = after + (header[1] ?? '').length;
  const headerEnd = after + header[0].length;
  const content = nextLine(text, headerEnd);
  if (content === undefined || node.kind !== 'scalar' || content > node.end) return undefined;
  const rest = text.slice(content, node.end);
  const blank = blankLinesAtEnd(rest);
  const isStillLines = /^[|>]/.test(inline);
  const lines = isStillLines ? inline.slice(inline.indexOf(lineEnding) + lineEnding.length) + lineEnding : '';
  return [
    { start, end: headerEnd, text: isStillLines ? inline.slice(0, inline.indexOf(lineEnding)) : inline },
    { start: content, end: node.end - blank, text: lines },
  ];
}

/** A list or map by indentation goes with all of its lines. */
function replaceBlock(
  { text, lineEnding }: EditDocument,
  { node, after, keyColumn }: Target,
  inline: string,
): readonly Splice[] | undefined {
  const end = endOf(text, node, after);
  if (end === undefined || after < 0 || node.outerStart < node.start) return undefined;
  if (keyColumn === undefined) {
    if (text.slice(after, node.start).trim() !== '') return undefined;
    return [{ start: node.start, end, text: isLineEnd(text[end - 1]) ? `${inline}${lineEnding}` : inline }];
  }
  const from = nextLine(text, after);
  const to = nextLine(text, end);
  if (from === undefined || to === undefined || from > node.start) return undefined;
  return [
    { start: after, end: after, text: ` ${inline}` },
    { start: from, end: to, text: '' },
  ];
}

function isBlock(node: YamlNode): boolean {
  return (node.kind === 'map' || node.kind === 'list') && !node.isFlow;
}

/** A colon or hyphen that stands right before a value needs a space once the value has no bracket or quote. */
function spaced(text: string, at: number, inline: string): string {
  return text[at - 1] === ':' || text[at - 1] === '-' ? ` ${inline}` : inline;
}
