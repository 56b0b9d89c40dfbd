import type { TaskChange, TaskPath } from './change.ts';
import { type EditDocument, editDocument, likeNode, placeIn, type Splice } from './edit-document.ts';
import { appendItem, removeItem } from './edit-list.ts';
import { insertEntry, removeEntry } from './edit-map.ts';
import { Refusal, step, stepOut } from './edit-step.ts';
import { replaceValue } from './edit-value.ts';
import { isMap, type YamlMap } from './judge.ts';
import { inKeyOrder, keyOrderAt } from './key-order.ts';
import { renderEntry, UNLIKE } from './render-yaml.ts';
import { sameValue, withoutValue, withValue } from './value-at.ts';
import { afterColon, columnOf, hyphensOf } from './yaml-places.ts';
import { entryOf, nodeAt } from './yaml-tree.ts';

type Edited = { readonly text: string } | { readonly message: string };

/**
 * One change of a front matter's YAML, in small steps. After each of them the text is read again, and must say exactly
 * what it said before with the change made; otherwise the whole change is refused.
 */
export function editFrontMatter(text: string, change: TaskChange, lineEnding: string): Edited {
  const document = editDocument(text, lineEnding);
  if ('message' in document) return document;
  try {
    return { text: changed(document, change).text };
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message };
    throw error;
  }
}

function changed(document: EditDocument, change: TaskChange): EditDocument {
  if (change.kind === 'remove') return remove(document, change.path);
  if (change.kind === 'set') return set(document, change.path, inKeyOrder(change.path, change.value));
  const attempts = lookUp(document.value, ['execution', 'attempts']);
  const path = ['execution', 'attempts', Array.isArray(attempts) ? attempts.length : 0];
  return set(document, path, inKeyOrder(path, change.attempt));
}

function set(document: EditDocument, path: TaskPath, value: unknown): EditDocument {
  const last = path.at(-1);
  if (last === undefined) throw new Refusal('the front matter as a whole cannot be set');
  const parentPath = path.slice(0, -1);
  const present = lookUp(document.value, path);
  if (present !== undefined) return change(document, path, present, value);
  const parent = parentPath.length === 0 ? document.value : lookUp(document.value, parentPath);
  if (parent === undefined || parent === null || isEmpty(parent)) {
    if (parentPath.length === 0) return addFirst(document, String(last), value);
    if (typeof last === 'number' && last !== 0) throw new Refusal(`there is no item ${last} to be set`);
    return set(document, parentPath, typeof last === 'number' ? [value] : { [last]: value });
  }
  if (Array.isArray(parent)) {
    if (last !== parent.length) throw new Refusal(`there is no item ${last} to be set`);
    return append(document, parentPath, value);
  }
  if (!isMap(parent)) throw new Refusal(`${parentPath.join('.')} holds no keys`);
  return insert(document, parentPath, String(last), value);
}

/** Lists and maps are changed item by item, so that what stays keeps its comments and its form. */
function change(document: EditDocument, path: TaskPath, present: unknown, value: unknown): EditDocument {
  if (sameValue(present, value)) return document;
  if (isMap(present) && isMap(value) && !isEmpty(present) && !isEmpty(value))
    return changeMap(document, path, present, value);
  if (Array.isArray(present) && Array.isArray(value) && present.length > 0 && value.length > 0)
    return changeList(document, path, present, value);
  return replace(document, path, value);
}

function changeMap(document: EditDocument, path: TaskPath, present: YamlMap, value: YamlMap): EditDocument {
  let at = document;
  const wanted = Object.entries(value).filter(([, item]) => item !== undefined);
  const keys = new Set(wanted.map(([key]) => key));
  // New keys come first: a map that lost all of its old ones would lose its form.
  for (const [key, item] of wanted) at = set(at, [...path, key], item);
  for (const key of Object.keys(present)) if (!keys.has(key)) at = remove(at, [...path, key]);
  return at;
}

function changeList(
  document: EditDocument,
  path: TaskPath,
  present: readonly unknown[],
  value: readonly unknown[],
): EditDocument {
  let at = document;
  let items = present;
  const stays = present.filter((item) => value.some((one) => sameValue(one, item)));
  const isPrefix = stays.length > 0 && stays.every((item, index) => sameValue(item, value[index]));
  if (isPrefix) {
    for (let index = present.length - 1; index >= 0; index -= 1)
      if (!stays.includes(present[index])) at = remove(at, [...path, index]);
    items = stays;
  }
  for (const [index, item] of value.entries()) at = set(at, [...path, index], item);
  for (let index = items.length - 1; index >= value.length; index -= 1) at = remove(at, [...path, index]);
  return at;
}

function remove(document: EditDocument, path: TaskPath): EditDocument {
  const last = path.at(-1);
  const parentPath = path.slice(0, -1);
  if (last === undefined) throw new Refusal('the front matter as a whole cannot be removed');
  if (lookUp(document.value, path) === undefined) return document;
  const parent = nodeAt(document.root, parentPath);
  const expected = withoutValue(document.value, path);
  if (parent?.kind === 'map') {
    const entry = entryOf(parent, last);
    const isLast = parent.entries.length === 1;
    if (isLast && (parentPath.length > 0 || parent.isFlow)) return replace(document, parentPath, {});
    return stepOut(document, entry && removeEntry(document, parent, entry), expected);
  }
  if (parent?.kind === 'list' && typeof last === 'number') {
    if (parent.items.length === 1) return replace(document, parentPath, []);
    return stepOut(document, removeItem(document, parent, last), expected);
  }
  throw new Refusal('it stands for a value that is written elsewhere');
}

function replace(document: EditDocument, path: TaskPath, value: unknown): EditDocument {
  const last = path.at(-1);
  const parent = nodeAt(document.root, path.slice(0, -1));
  const node = nodeAt(document.root, path);
  if (node === undefined || last === undefined || parent === undefined)
    throw new Refusal('it stands for a value that is written elsewhere');
  const expected = withValue(document.value, path, value);
  const target = { node, depth: path.length - 1, ...holderOf(document, path) };
  const splices = replaceValue(document, target, value);
  if (splices !== undefined || value === null) return step(document, splices, expected);
  return replace(replace(document, path, null), path, value);
}

function holderOf(
  { text, root }: EditDocument,
  path: TaskPath,
): { readonly after: number; readonly keyColumn: number | undefined; readonly isInFlow: boolean } {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const isInFlow = isWithinFlow(root, path);
  if (parent?.kind === 'list') {
    const hyphen = typeof last === 'number' ? hyphensOf(text, parent)?.[last] : undefined;
    return { after: hyphen === undefined ? -1 : hyphen + 1, keyColumn: undefined, isInFlow };
  }
  const entry = parent?.kind === 'map' ? entryOf(parent, last ?? '') : undefined;
  if (entry === undefined) return { after: -1, keyColumn: undefined, isInFlow };
  const after = afterColon(text, entry.keyNode) ?? -1;
  return { after, keyColumn: columnOf(text, entry.keyNode.outerStart), isInFlow };
}

function isWithinFlow(root: EditDocument['root'], path: TaskPath): boolean {
  return path.some((_, length) => {
    const node = nodeAt(root, path.slice(0, length));
    return node !== undefined && 'isFlow' in node && node.isFlow;
  });
}

function insert(document: EditDocument, path: TaskPath, key: string, value: unknown): EditDocument {
  const map = nodeAt(document.root, path);
  if (map?.kind !== 'map') throw new Refusal('it stands for a value that is written elsewhere');
  const like = likeKey(document, path, key);
  const entry = { key, value, like, depth: path.length };
  const splices = insertEntry(document, map, entry, keyOrderAt(path));
  return step(document, splices, withValue(document.value, [...path, key], value));
}

/** In a list of maps, the others show how a key is written. */
function likeKey({ root }: EditDocument, path: TaskPath, key: string) {
  const index = path.findLastIndex((part) => typeof part === 'number');
  const list = index < 0 ? undefined : nodeAt(root, path.slice(0, index));
  const items = list?.kind === 'list' ? list.items : [];
  const found = items
    .map((item) => nodeAt(item, [...path.slice(index + 1), key]))
    .find((node) => node !== undefined);
  return found === undefined ? UNLIKE : likeNode(found);
}

function append(document: EditDocument, path: TaskPath, value: unknown): EditDocument {
  const list = nodeAt(document.root, path);
  if (list?.kind !== 'list') throw new Refusal('it stands for a value that is written elsewhere');
  const like = likeNode(list.items.at(-1));
  const splices = appendItem(document, list, { value, like, depth: path.length });
  return step(document, splices, withValue(document.value, [...path, list.items.length], value));
}

/** The first key of a front matter that holds nothing, below the comments that it may hold. */
function addFirst(document: EditDocument, key: string, value: unknown): EditDocument {
  if (document.root !== undefined)
    return step(document, intoBrackets(document, key, value), { [key]: value });
  const { text, lineEnding } = document;
  const entry = renderEntry(key, value, placeIn(document, 0, false, 0));
  const added = { start: text.length, end: text.length, text: `${entry}${lineEnding}` };
  return step(document, [added], { [key]: value });
}

function intoBrackets(document: EditDocument, key: string, value: unknown): readonly Splice[] | undefined {
  const { root } = document;
  return root?.kind === 'map' && root.isFlow
    ? insertEntry(document, root, { key, value, like: UNLIKE, depth: 0 }, [])
    : undefined;
}

function lookUp(value: unknown, path: TaskPath): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
