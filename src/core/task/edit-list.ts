import { type EditDocument, placeIn, type Splice } from './edit-document.ts';
import { insertAt, removeLines } from './edit-map.ts';
import { type Like, renderInline, renderItem } from './render-yaml.ts';
import { columnOf, endOf, hyphensOf, nextLineBelowComments } from './yaml-places.ts';
import type { ListNode } from './yaml-tree.ts';

/** A new item at the end of a list that holds others, written as they are. */
export function appendItem(
  document: EditDocument,
  list: ListNode,
  item: { readonly value: unknown; readonly like: Like; readonly depth: number },
): readonly Splice[] | undefined {
  const { text, lineEnding } = document;
  const last = list.items.at(-1);
  if (last === undefined) return undefined;
  if (list.isFlow) {
    const place = placeIn(document, 0, true, item.depth);
    return insertAt(endOf(text, last, -1), `, ${renderInline(item.value, place, item.like)}`);
  }
  const hyphen = hyphensOf(text, list)?.at(-1);
  const end = hyphen === undefined ? undefined : endOf(text, last, hyphen + 1);
  if (hyphen === undefined || end === undefined) return undefined;
  const indent = columnOf(text, hyphen);
  const gap = /^ +(?=[^ #\r\n])/.exec(text.slice(hyphen + 1, hyphen + 20))?.[0] ?? ' ';
  const place = placeIn(document, indent, false, item.depth);
  const rendered = renderItem(item.value, place, gap, { at: () => item.like });
  return insertAt(nextLineBelowComments(text, end, indent), `${' '.repeat(indent)}${rendered}${lineEnding}`);
}

/** Takes an item out of a list that holds others too. */
export function removeItem(
  { text }: EditDocument,
  list: ListNode,
  index: number,
): readonly Splice[] | undefined {
  const item = list.items[index];
  const next = list.items[index + 1];
  if (item === undefined) return undefined;
  if (list.isFlow) {
    if (next !== undefined) return [{ start: item.outerStart, end: next.outerStart, text: '' }];
    const previous = list.items[index - 1];
    const from = previous === undefined ? item.outerStart : endOf(text, previous, -1);
    const end = endOf(text, item, -1);
    return from === undefined || end === undefined ? undefined : [{ start: from, end, text: '' }];
  }
  const hyphens = hyphensOf(text, list);
  const hyphen = hyphens?.[index];
  const end = hyphen === undefined ? undefined : endOf(text, item, hyphen + 1);
  if (hyphen === undefined || end === undefined) return undefined;
  return removeLines(text, hyphen, end, hyphens?.[index + 1]);
}
