import { type Like, type Place, UNLIKE } from './render-yaml.ts';
import { readYamlDocument } from './yaml-document.ts';
import { columnOf, hyphensOf } from './yaml-places.ts';
import { entryOf, treeOf, type YamlNode } from './yaml-tree.ts';

/** A front matter's text with what it says, before or after a step of an edit. */
export interface EditDocument {
  readonly text: string;
  readonly value: unknown;
  /** Undefined for a text without content. */
  readonly root: YamlNode | undefined;
  readonly lineEnding: string;
  /** How deep maps and lists lie below their keys here. */
  readonly step: number;
  readonly listStep: number;
}

/** A piece of the text and what takes its place. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Reads a text that may be edited; otherwise why it may not. */
export function editDocument(text: string, lineEnding: string): EditDocument | { readonly message: string } {
  const read = readYamlDocument(text);
  if ('message' in read) return { message: read.message };
  if (read.hasBadKeys) return { message: 'a key stands twice in one map, or is no text' };
  const root = treeOf(text, read.events);
  return { text, value: read.value, root, lineEnding, ...stepsOf(text, root) };
}

/** Splices may not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const splice of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

export function placeIn(
  { lineEnding, step, listStep }: EditDocument,
  indent: number,
  isFlow: boolean,
  depth: number,
): Place {
  return { indent, isFlow, depth, lineEnding, step, listStep };
}

/** How a value of the text is written. */
export function likeNode(node: YamlNode | undefined): Like {
  if (node === undefined || node.kind === 'alias') return UNLIKE;
  if (node.kind === 'scalar') return { quoting: node.style, at: () => UNLIKE };
  if (node.kind === 'list')
    return { isFlow: node.isFlow && node.items.length > 0, at: () => likeNode(node.items.at(-1)) };
  const isFlow = node.isFlow && node.entries.length > 0;
  return { isFlow, at: (key) => likeNode(entryOf(node, key ?? '')?.value) };
}

/** The first nested map and list set the example; without one, two columns for each. */
function stepsOf(text: string, root: YamlNode | undefined): { step: number; listStep: number } {
  let step: number | undefined;
  let listStep: number | undefined;
  const open = root === undefined ? [] : [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'list') open.push(...node.items.toReversed());
    if (node.kind !== 'map' || node.isFlow) continue;
    for (const { keyNode, value } of node.entries) {
      if (keyNode.start < 0 || value.kind === 'scalar' || value.kind === 'alias' || value.isFlow) continue;
      const deeper = columnOf(text, value.start) - columnOf(text, keyNode.outerStart);
      if (value.kind === 'map') step ??= deeper;
      else if (hyphensOf(text, value) !== undefined) listStep ??= deeper;
    }
    open.push(...node.entries.map(({ value }) => value).toReversed());
    if (step !== undefined && listStep !== undefined) break;
  }
  return { step: step !== undefined && step > 0 ? step : 2, listStep: listStep ?? 2 };
}
