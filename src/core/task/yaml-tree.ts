import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';

/** A piece of a text, in UTF-16 units. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** A value with its place. `outerStart` lies before `start` where a tag or an anchor does. */
export type YamlNode = ScalarNode | AliasNode | MapNode | ListNode;

export interface ScalarNode extends Range {
  readonly kind: 'scalar';
  readonly outerStart: number;
  /** `empty` has no place of its own: its `start` and `end` are -1. A block's begins behind its `|` line. */
  readonly style: 'empty' | 'plain' | 'single' | 'double' | 'literal' | 'folded';
}

interface AliasNode extends Range {
  readonly kind: 'alias';
  readonly outerStart: number;
}

export interface MapEntry {
  readonly key: string;
  readonly keyNode: YamlNode;
  readonly value: YamlNode;
}

/** The end of a list or map by indentation is the end of what it holds last; -1 where that has no place. */
export interface MapNode {
  readonly kind: 'map';
  readonly isFlow: boolean;
  readonly start: number;
  readonly outerStart: number;
  readonly entries: MapEntry[];
}

export interface ListNode {
  readonly kind: 'list';
  readonly isFlow: boolean;
  readonly start: number;
  readonly outerStart: number;
  readonly items: YamlNode[];
}

const STYLES = ['empty', 'plain', 'single', 'double', 'literal', 'folded'] as const;

/** The parser's events of one document as a tree, without recursion. Undefined for a document without content. */
export function treeOf(text: string, events: readonly Event[]): YamlNode | undefined {
  const open: Open[] = [];
  let root: YamlNode | undefined;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      const closed = open.pop();
      if (closed !== undefined) attach(open.at(-1), closed.node, '');
      continue;
    }
    const node = nodeOf(event);
    root ??= node;
    if (node.kind === 'map' || node.kind === 'list') open.push({ node, key: undefined });
    else attach(open.at(-1), node, event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : '');
  }
  return root;
}

interface Open {
  readonly node: MapNode | ListNode;
  key: { readonly node: YamlNode; readonly text: string } | undefined;
}

function attach(top: Open | undefined, node: YamlNode, text: string): void {
  if (top === undefined) return;
  if (top.node.kind === 'list') top.node.items.push(node);
  else if (top.key === undefined) top.key = { node, text };
  else {
    top.node.entries.push({ key: top.key.text, keyNode: top.key.node, value: node });
    top.key = undefined;
  }
}

function nodeOf(event: Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.DOCUMENT }>): YamlNode {
  if (event.type === EVENT_ID.ALIAS) {
    const start = event.anchorStart - 1;
    return { kind: 'alias', start, outerStart: start, end: event.anchorEnd };
  }
  const marks = [event.anchorStart - 1, event.tagStart].filter((at) => at >= 0);
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart < 0) {
      const end = Math.max(event.anchorEnd, event.tagEnd);
      return {
        kind: 'scalar',
        style: 'empty',
        start: end,
        end,
        outerStart: marks.length > 0 ? Math.min(...marks) : -1,
      };
    }
    const style = STYLES[event.style] ?? 'plain';
    const quote = style === 'single' || style === 'double' ? 1 : 0;
    const start = event.valueStart - quote;
    return {
      kind: 'scalar',
      style,
      start,
      end: event.valueEnd + quote,
      outerStart: Math.min(start, ...marks),
    };
  }
  const outerStart = Math.min(event.start, ...marks);
  const isFlow = event.style === 2;
  if (event.type === EVENT_ID.MAPPING)
    return { kind: 'map', isFlow, start: event.start, outerStart, entries: [] };
  return { kind: 'list', isFlow, start: event.start, outerStart, items: [] };
}

/** The value at a path; undefined where the tree has none, also behind an alias. */
export function nodeAt(root: YamlNode | undefined, path: readonly (string | number)[]): YamlNode | undefined {
  let node = root;
  for (const step of path) {
    if (node?.kind === 'list') node = typeof step === 'number' ? node.items[step] : undefined;
    else if (node?.kind === 'map') node = entryOf(node, step)?.value;
    else return undefined;
  }
  return node;
}

export function entryOf(map: MapNode, key: string | number): MapEntry | undefined {
  return map.entries.find((entry) => entry.key === String(key));
}
