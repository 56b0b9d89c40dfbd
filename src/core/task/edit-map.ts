import { type EditDocument, placeIn, type Splice } from './edit-document.ts';
import { type Like, renderEntry } from './render-yaml.ts';
import {
  beginsLine,
  columnOf,
  endOfEntry,
  lineStart,
  nextLine,
  nextLineBelowComments,
} from './yaml-places.ts';
import type { MapEntry, MapNode } from './yaml-tree.ts';

/**
 * A new key of a map that holds others. It comes after the known keys that go before it by `order`, and at the end
 * where it is not known itself. Undefined where no safe place can be told, as in all functions of this kind.
 */
export function insertEntry(
  document: EditDocument,
  map: MapNode,
  entry: { readonly key: string; readonly value: unknown; readonly like: Like; readonly depth: number },
  order: readonly string[],
): readonly Splice[] | undefined {
  const { text, lineEnding } = document;
  const { before, after } = neighbours(map, entry.key, order);
  if (map.isFlow) {
    const place = placeIn(document, 0, true, entry.depth);
    const rendered = renderEntry(entry.key, entry.value, place, entry.like);
    if (before !== undefined) return insertAt(endOfEntry(text, before), `, ${rendered}`);
    return after === undefined
      ? insertAt(map.start + 1, rendered)
      : insertAt(after.keyNode.outerStart, `${rendered}, `);
  }
  const [first] = map.entries;
  if (first === undefined || first.keyNode.outerStart < 0) return undefined;
  const indent = columnOf(text, first.keyNode.outerStart);
  const margin = ' '.repeat(indent);
  const rendered = renderEntry(
    entry.key,
    entry.value,
    placeIn(document, indent, false, entry.depth),
    entry.like,
  );
  if (before === undefined) return insertAt(first.keyNode.outerStart, `${rendered}${lineEnding}${margin}`);
  const end = endOfEntry(text, before);
  return end === undefined
    ? undefined
    : insertAt(nextLineBelowComments(text, end, indent), `${margin}${rendered}${lineEnding}`);
}

/** Takes a key and its value out of a map that holds others too. */
export function removeEntry(
  { text }: EditDocument,
  map: MapNode,
  entry: MapEntry,
): readonly Splice[] | undefined {
  const index = map.entries.indexOf(entry);
  const next = map.entries[index + 1];
  const previous = map.entries[index - 1];
  const start = entry.keyNode.outerStart;
  const end = endOfEntry(text, entry);
  if (end === undefined || start < 0) return undefined;
  if (map.isFlow) {
    if (next !== undefined) return [{ start, end: next.keyNode.outerStart, text: '' }];
    const from = previous === undefined ? start : endOfEntry(text, previous);
    return from === undefined ? undefined : [{ start: from, end, text: '' }];
  }
  return removeLines(text, start, end, next?.keyNode.outerStart);
}

/** Whole lines; of what stands behind a hyphen, everything up to what comes next: the next key, or a comment above it. */
export function removeLines(
  text: string,
  start: number,
  end: number,
  next: number | undefined,
): readonly Splice[] | undefined {
  const line = nextLine(text, end);
  if (line === undefined) return undefined;
  if (beginsLine(text, start)) return [{ start: lineStart(text, start), end: line, text: '' }];
  if (next === undefined || next < line) return undefined;
  const gap = /^\s*/.exec(text.slice(line, next))?.[0].length ?? 0;
  return [{ start, end: line + gap, text: '' }];
}

/** The same, with the comments that stand below it and deeper. */
export function withCommentsBelow(text: string, splices: readonly Splice[]): readonly Splice[] {
  return splices.map((splice) => {
    const column = /^ */.exec(text.slice(splice.start, splice.end))?.[0].length ?? 0;
    const deeper = new RegExp(`(?:(?:[ \\t]*${EOL})* {${column + 1},}#[^\\r\\n]*${EOL})*`, 'y');
    deeper.lastIndex = splice.end;
    return { ...splice, end: splice.end + (deeper.exec(text)?.[0].length ?? 0) };
  });
}

const EOL = '(?:\\r\\n|\\n|\\r)';

export function insertAt(at: number | undefined, text: string): readonly Splice[] | undefined {
  return at === undefined || at < 0 ? undefined : [{ start: at, end: at, text }];
}

function neighbours(
  map: MapNode,
  key: string,
  order: readonly string[],
): { readonly before: MapEntry | undefined; readonly after: MapEntry | undefined } {
  const rank = order.indexOf(key);
  if (rank < 0) return { before: map.entries.at(-1), after: undefined };
  let before: MapEntry | undefined;
  let highest = -1;
  for (const entry of map.entries) {
    const its = order.indexOf(entry.key);
    if (its < 0 || its > rank || its < highest) continue;
    highest = its;
    before = entry;
  }
  return { before, after: map.entries[0] };
}
