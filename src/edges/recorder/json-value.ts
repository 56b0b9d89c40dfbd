/** Where a JSON value ends, where it breaks, or that the bytes end before it does. Offsets into `bytes`. */
export type ValueEnd =
  | { readonly kind: 'whole'; readonly end: number }
  | { readonly kind: 'broken'; readonly at: number }
  | { readonly kind: 'open' };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN: ValueEnd = { kind: 'open' };

/**
 * Walks over one JSON object from its brace without building it. Strict about structure, so that a torn
 * object ends where it was torn instead of swallowing its neighbours; scalars are left to JSON.parse.
 */
export function endOfObject(bytes: Uint8Array, start: number): ValueEnd {
  const nesting: number[] = [];
  let expect: 'value' | 'first-key' | 'key' | 'colon' | 'first-value' | 'next' = 'value';
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if (isSpace(byte)) {
      at += 1;
      continue;
    }
    const inside = nesting[nesting.length - 1];
    if (expect === 'colon') {
      if (byte !== COLON) return { kind: 'broken', at };
      expect = 'value';
      at += 1;
    } else if (expect === 'next' && byte === COMMA) {
      expect = inside === OPEN_OBJECT ? 'key' : 'value';
      at += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      const matches = byte === CLOSE_OBJECT ? inside === OPEN_OBJECT : inside === OPEN_ARRAY;
      const empty = byte === CLOSE_OBJECT ? expect === 'first-key' : expect === 'first-value';
      if (!matches || !(empty || expect === 'next')) return { kind: 'broken', at };
      nesting.pop();
      at += 1;
      if (nesting.length === 0) return { kind: 'whole', end: at };
      expect = 'next';
    } else if (expect === 'next') {
      return { kind: 'broken', at };
    } else if (expect === 'key' || expect === 'first-key') {
      if (byte !== QUOTE) return { kind: 'broken', at };
      const end = endOfString(bytes, at);
      if (typeof end !== 'number') return end;
      at = end;
      expect = 'colon';
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      nesting.push(byte);
      expect = byte === OPEN_OBJECT ? 'first-key' : 'first-value';
      at += 1;
    } else if (nesting.length === 0) {
      return { kind: 'broken', at };
    } else {
      const end = byte === QUOTE ? endOfString(bytes, at) : endOfScalar(bytes, at);
      if (typeof end !== 'number') return end;
      at = end;
      expect = 'next';
    }
  }
  return OPEN;
}

/** Space, tab, line feed, carriage return: the whitespace of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endOfString(bytes: Uint8Array, start: number): number | ValueEnd {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
    else if (byte < 0x20) return { kind: 'broken', at };
  }
  return OPEN;
}

/** Numbers and literals: letters, digits, sign and point. */
function endOfScalar(bytes: Uint8Array, start: number): number | ValueEnd {
  let at = start;
  while (at < bytes.length && isScalar(bytes[at] ?? 0)) at += 1;
  if (at === bytes.length) return OPEN;
  return at === start ? { kind: 'broken', at } : at;
}

function isScalar(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x45 ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}
