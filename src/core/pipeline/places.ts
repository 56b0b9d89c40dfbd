import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';
import type { Finding, Path } from './finding.ts';
import { offsetOf } from './yaml-text.ts';

/** A piece of a text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Where things stand in a document. Made only when something is wrong, or when a value is wanted as it was written. */
export interface Places {
  readonly spanOf: (finding: Pick<Finding, 'path' | 'part' | 'within'>) => Span;
  /** A value as written; undefined for one that is not there, or that is a list or map. */
  readonly writtenAt: (path: Path) => string | undefined;
  /** Keys that stand twice, and keys that are no text, in their order. */
  readonly badKeys: readonly BadKey[];
}

export interface BadKey {
  readonly key: string;
  readonly why: 'twice' | 'no-text' | 'reserved';
  readonly span: Span;
}

interface Node {
  readonly event: Event;
  /** Of a list or map. */
  children?: Map<string | number, { key?: Event; value: Node }>;
}

/** One walk over the parser's events, without recursion. */
export function placesIn(text: string, events: readonly Event[]): Places {
  const badKeys: BadKey[] = [];
  const root = treeOf(text, events, badKeys);
  const find = (path: Path) => {
    let key: Event | undefined;
    let node = root;
    let parent = root;
    for (const step of path) {
      const child = node.children?.get(step);
      // What is missing is shown at what it is missing from.
      if (child === undefined) return { key: undefined, node, parent, found: false };
      parent = node;
      key = child.key;
      node = child.value;
    }
    return { key, node, parent, found: true };
  };
  return {
    spanOf: ({ path, part, within }) => {
      const { key, node, found } = find(path);
      if (found && key !== undefined && (part === 'key' || offsetOf(node.event) < 0))
        return spanOfEvent(text, key);
      return within === undefined ? spanOfNode(text, node) : spanWithin(text, node, within);
    },
    writtenAt: (path) => {
      const { node, found } = find(path);
      if (!found || node.event.type !== EVENT_ID.SCALAR) return undefined;
      return getScalarValue(text, node.event);
    },
    badKeys,
  };
}

function treeOf(text: string, events: readonly Event[], badKeys: BadKey[]): Node {
  const [first] = events;
  const anchors = new Map<string, Node>();
  const root: Node = { event: events[1] ?? first ?? { type: EVENT_ID.POP } };
  const open: { node: Node; key: Event | undefined }[] = [];
  for (const event of events.slice(1)) {
    if (event.type === EVENT_ID.DOCUMENT) break;
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const top = open.at(-1);
    if (top?.node.event.type === EVENT_ID.MAPPING && top.key === undefined) {
      top.key = event;
      // A list or map as a key is refused; its own events are passed over.
      if (isCollection(event)) open.push({ node: { event, children: new Map() }, key: undefined });
      continue;
    }
    const node = nodeOf(text, event, anchors, top === undefined ? root : { event });
    if (top !== undefined) attach(text, top, node, badKeys);
    if (isCollection(event)) open.push({ node, key: undefined });
  }
  return root;
}

function isCollection(event: Event): boolean {
  return event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING;
}

function nodeOf(text: string, event: Event, anchors: Map<string, Node>, node: Node): Node {
  if (event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return node;
  const anchor = event.anchorStart < 0 ? '' : text.slice(event.anchorStart, event.anchorEnd);
  if (event.type === EVENT_ID.ALIAS) {
    const meant = anchors.get(anchor);
    if (meant?.children !== undefined) node.children = meant.children;
    return node;
  }
  if (event.type !== EVENT_ID.SCALAR) node.children = new Map();
  if (anchor !== '') anchors.set(anchor, node);
  return node;
}

function attach(
  text: string,
  top: { node: Node; key: Event | undefined },
  value: Node,
  badKeys: BadKey[],
): void {
  const children = top.node.children ?? new Map();
  const { key } = top;
  top.key = undefined;
  if (key === undefined) {
    children.set(children.size, { value });
    return;
  }
  const name = key.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : '';
  const why = whyBad(name, key, children);
  if (why !== undefined) badKeys.push({ key: name, why, span: spanOfEvent(text, key) });
  else children.set(name, { key, value });
}

const PLAIN = 1;

function whyBad(
  name: string,
  key: Event,
  children: ReadonlyMap<string | number, unknown>,
): BadKey['why'] | undefined {
  if (key.type !== EVENT_ID.SCALAR) return 'no-text';
  if (name === '__proto__') return 'reserved';
  // The core types of YAML 1.2 that are no text.
  if (
    key.style === PLAIN &&
    /^(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?\d+|0o[0-7]+|0x[\dA-Fa-f]+|[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(
      name,
    )
  )
    return 'no-text';
  return children.has(name) ? 'twice' : undefined;
}

function spanOfNode(text: string, node: Node): Span {
  const first = node.children?.values().next().value;
  // Of a list or map, its beginning is shown: the first key, or the first item.
  if (node.event.type !== EVENT_ID.ALIAS && first !== undefined)
    return first.key === undefined ? spanOfNode(text, first.value) : spanOfEvent(text, first.key);
  return spanOfEvent(text, node.event);
}

function spanOfEvent(text: string, event: Event): Span {
  const offset = Math.max(0, offsetOf(event));
  if (event.type === EVENT_ID.SCALAR) {
    const isQuoted = event.style === 2 || event.style === 3;
    const isBlock = event.style === 4 || event.style === 5;
    if (isQuoted) return { offset: offset - 1, length: event.valueEnd - event.valueStart + 2 };
    const skipped = isBlock ? (/^\s*/.exec(text.slice(offset, event.valueEnd))?.[0].length ?? 0) : 0;
    return { offset: offset + skipped, length: Math.max(1, event.valueEnd - offset - skipped) };
  }
  if (event.type === EVENT_ID.ALIAS) return { offset, length: event.anchorEnd - event.anchorStart + 1 };
  return { offset, length: 1 };
}

/** The same piece in the source: the as-manieth occurrence of its text, as escapes and indentation shift offsets. */
function spanWithin(text: string, node: Node, within: Span): Span {
  const whole = spanOfEvent(text, node.event);
  if (node.event.type !== EVENT_ID.SCALAR) return whole;
  const value = getScalarValue(text, node.event);
  const piece = value.slice(within.offset, within.offset + within.length);
  if (piece === '') return whole;
  let before = 0;
  for (let at = value.indexOf(piece); at >= 0 && at < within.offset; at = value.indexOf(piece, at + 1))
    before += 1;
  let found = text.indexOf(piece, node.event.valueStart);
  for (; before > 0 && found >= 0; before -= 1) found = text.indexOf(piece, found + 1);
  return found < 0 || found >= node.event.valueEnd ? whole : { offset: found, length: piece.length };
}
