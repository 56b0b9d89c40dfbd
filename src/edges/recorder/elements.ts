import type { Damage } from './damage.ts';
import { endOfObject, isSpace } from './json-value.ts';
import type { Source } from './source.ts';
import { advance, openWindow, type Window } from './window.ts';

/** One object of the array, or the damage that ends the reading. */
export type ElementStep =
  | { readonly kind: 'element'; readonly value: unknown; readonly start: number }
  | { readonly kind: 'damage'; readonly damage: Damage };

const BLOCK_BYTES = 1 << 20;
/** After so many wrong guesses about the layout of a file no more are made. */
const MAX_MISSES = 8;

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/**
 * The objects of a JSON array one after the other, in memory that does not grow with the file.
 * Any layout is read; an entry on its own line and the indented layout of JSON.stringify are found by a native
 * search and proven by JSON.parse. An empty file counts as an empty array.
 */
export function* elementsOf(source: Source, blockBytes = BLOCK_BYTES): Generator<ElementStep, undefined> {
  const window = openWindow(blockBytes);
  const layout: Layout = { misses: 0, indent: undefined };
  let expect: 'array' | 'first' | 'element' | 'next' | 'nothing' = 'array';
  for (let at = skipByteOrderMark(window, source); ; ) {
    at = skipSpace(window, source, at, layout);
    const place = window.base + at;
    const byte = at < window.end ? window.bytes[at] : undefined;
    if (byte === undefined) {
      if (expect === 'array' || expect === 'nothing') return;
      yield broken(place, 'the array breaks off');
      return;
    }
    if (expect === 'array' && byte === OPEN_ARRAY) {
      expect = 'first';
      at += 1;
    } else if (byte === CLOSE_ARRAY && (expect === 'first' || expect === 'next')) {
      expect = 'nothing';
      at += 1;
    } else if (expect === 'next' && byte === COMMA) {
      expect = 'element';
      at += 1;
    } else if (byte === OPEN_OBJECT && (expect === 'first' || expect === 'element')) {
      const found = elementAt(window, source, at, layout);
      if (found.kind === 'broken') {
        yield broken(found.at, found.what);
        return;
      }
      at = found.end;
      expect = 'next';
      yield { kind: 'element', value: found.value, start: place };
    } else {
      yield broken(place, WHAT[expect]);
      return;
    }
  }
}

const WHAT = {
  array: 'the file does not begin with an array',
  first: 'an entry was expected',
  element: 'an entry was expected',
  next: 'a comma or the end of the array was expected',
  nothing: 'something follows the end of the array',
} as const;

interface Layout {
  misses: number;
  /** What stands between the start of the line and the element; undefined when the line began before. */
  indent: string | undefined;
}

type Found =
  | { readonly kind: 'found'; readonly value: unknown; readonly end: number }
  | { readonly kind: 'broken'; readonly at: number; readonly what: string };

function elementAt(window: Window, source: Source, start: number, layout: Layout): Found {
  let at = start;
  if (layout.misses < MAX_MISSES) {
    const guessed = guess(window, at, layout.indent);
    if (guessed.kind === 'found') return guessed;
    if (guessed.kind === 'cut') {
      const more = advance(window, source, at);
      at = 0;
      const again = more ? guess(window, at, layout.indent) : guessed;
      if (again.kind === 'found') return again;
    }
    layout.misses += 1;
  }
  for (;;) {
    const result = endOfObject(window.bytes.subarray(0, window.end), at);
    if (result.kind === 'whole') {
      const value = parsed(window.bytes, at, result.end);
      if (value === undefined)
        return { kind: 'broken', at: window.base + at, what: 'an entry is not valid JSON' };
      return { kind: 'found', value: value.json, end: result.end };
    }
    if (result.kind === 'broken')
      return { kind: 'broken', at: window.base + result.at, what: 'an entry is broken' };
    const place = window.base + at;
    if (!advance(window, source, at)) return { kind: 'broken', at: place, what: 'an entry breaks off' };
    at = 0;
  }
}

/** JSON strings hold no line feeds, so in a regular layout the next matching line end is the element's. */
function guess(
  window: Window,
  at: number,
  indent: string | undefined,
): Found | { readonly kind: 'miss' | 'cut' } {
  const { bytes } = window;
  const lineEnd = bytes.indexOf(LINE_FEED, at);
  if (lineEnd === -1 || lineEnd >= window.end) return { kind: 'cut' };
  let end = lineEnd;
  while (end > at && (isSpace(bytes[end - 1] ?? 0) || bytes[end - 1] === COMMA)) end -= 1;
  if (end === at + 1 && indent !== undefined) {
    const closing = `\n${indent}}`;
    const found = bytes.indexOf(closing, lineEnd, 'latin1');
    if (found === -1 || found + closing.length > window.end) return { kind: 'cut' };
    end = found + closing.length;
  }
  if (bytes[end - 1] !== CLOSE_OBJECT) return { kind: 'miss' };
  const value = parsed(bytes, at, end);
  return value === undefined ? { kind: 'miss' } : { kind: 'found', value: value.json, end };
}

function parsed(bytes: Buffer, start: number, end: number): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(bytes.toString('utf8', start, end)) };
  } catch {
    return undefined;
  }
}

function skipSpace(window: Window, source: Source, from: number, layout: Layout): number {
  layout.indent = undefined;
  for (let at = from; ; at += 1) {
    if (at >= window.end) {
      if (!advance(window, source, at)) return window.end;
      at = 0;
    }
    const byte = window.bytes[at] ?? 0;
    if (byte === LINE_FEED) layout.indent = '';
    else if (!isSpace(byte)) return at;
    else if (layout.indent !== undefined) layout.indent += String.fromCharCode(byte);
  }
}

function skipByteOrderMark(window: Window, source: Source): number {
  while (window.end < 3 && advance(window, source, 0));
  const [first, second, third] = window.bytes;
  return window.end >= 3 && first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

function broken(at: number, what: string): ElementStep {
  return { kind: 'damage', damage: { at, what } };
}
