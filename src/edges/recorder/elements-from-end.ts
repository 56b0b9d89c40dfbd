import type { ElementStep } from './elements.ts';
import { endOfArray } from './end-of-array.ts';
import { isSpace } from './json-value.ts';
import { type Source, slice } from './source.ts';

const BLOCK_BYTES = 32 * 1024;
/** Larger than any entry; keeps a damaged file from being read whole in search of one beginning. */
const MAX_ELEMENT_BYTES = 64 << 20;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The objects of the array, newest first, reading only as much of the file's end as they take. */
export function* elementsFromEnd(
  source: Source,
  blockBytes = BLOCK_BYTES,
): Generator<ElementStep, undefined> {
  const end = endOfArray(source);
  if (end.kind === 'damage') yield end;
  if (end.kind !== 'elements') return;
  const view = { source, blockBytes, from: end.offset, bytes: Buffer.alloc(0) };
  for (let to = end.offset; ; ) {
    const element = objectEndingAt(view, to);
    yield element;
    if (element.kind === 'damage') return;
    const separator = placeBefore(view, element.start);
    if (separator !== undefined && byteAt(view, separator) === OPEN_ARRAY) return;
    const isComma = separator !== undefined && byteAt(view, separator) === COMMA;
    const previous = isComma ? placeBefore(view, separator) : undefined;
    if (previous === undefined || byteAt(view, previous) !== CLOSE_OBJECT) {
      yield broken(separator ?? 0, 'an entry and a comma were expected up to here');
      return;
    }
    to = previous + 1;
  }
}

/** A part of the source that moves towards its beginning. */
interface View {
  readonly source: Source;
  readonly blockBytes: number;
  from: number;
  bytes: Buffer;
}

function show(view: View, to: number, length: number): void {
  view.from = Math.max(0, to - length);
  view.bytes = slice(view.source, view.from, to);
}

function byteAt(view: View, place: number): number | undefined {
  return view.bytes[place - view.from];
}

/** Offset of the last byte before `to` that is not whitespace. */
function placeBefore(view: View, to: number): number | undefined {
  for (let place = to - 1; place >= 0; place -= 1) {
    if (place < view.from) show(view, place + 1, view.blockBytes);
    if (!isSpace(byteAt(view, place) ?? 0)) return place;
  }
  return undefined;
}

function objectEndingAt(view: View, to: number): ElementStep {
  const guessed = guess(view, to);
  if (guessed !== undefined) return guessed;
  let start = startOfObject(view.bytes, to - view.from);
  while (start === undefined) {
    const seen = to - view.from;
    if (to > 0 && view.from === 0 && seen > 0 && view.bytes.length >= seen)
      return broken(to - 1, 'the beginning of this entry is missing');
    if (seen > MAX_ELEMENT_BYTES) return broken(to - 1, 'this entry is larger than any entry can be');
    show(view, to, Math.max(view.blockBytes, seen * 2));
    start = startOfObject(view.bytes, to - view.from);
  }
  try {
    const value: unknown = JSON.parse(view.bytes.toString('utf8', start, to - view.from));
    return { kind: 'element', value, start: view.from + start };
  } catch {
    return broken(view.from + start, 'an entry is not valid JSON');
  }
}

/**
 * In a regular layout an entry begins its line, or the last line with the indentation of its end. Both are found
 * by a native search; that JSON.parse takes it proves it, as only one object ends at a given brace.
 */
function guess(view: View, to: number): ElementStep | undefined {
  const { bytes, from } = view;
  const end = to - from;
  if (end < 1) return undefined;
  const line = bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
  let start = line;
  while (start < end && isSpace(bytes[start] ?? 0)) start += 1;
  if (start === end - 1) {
    const opening = `\n${bytes.toString('latin1', line, start)}{`;
    start = bytes.lastIndexOf(opening, line, 'latin1') + opening.length - 1;
  }
  if (line === 0 || bytes[start] !== OPEN_OBJECT) return undefined;
  try {
    return { kind: 'element', value: JSON.parse(bytes.toString('utf8', start, end)), start: from + start };
  } catch {
    return undefined;
  }
}

/** Where the object that ends at `end` begins; undefined when that is before the bytes at hand. */
function startOfObject(bytes: Buffer, end: number): number | undefined {
  let depth = 0;
  for (let at = end - 1; at >= 0; at -= 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = startOfString(bytes, at);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}

/** A quote inside a string has an odd number of backslashes before it, so going back the first even one opens it. */
function startOfString(bytes: Buffer, end: number): number {
  for (let at = end - 1; at > 0; at -= 1) {
    if (bytes[at] !== QUOTE) continue;
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes === at) return -1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function broken(at: number, what: string): ElementStep {
  return { kind: 'damage', damage: { at, what } };
}
