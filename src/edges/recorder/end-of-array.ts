import type { Damage } from './damage.ts';
import { isSpace } from './json-value.ts';
import { type Source, slice } from './source.ts';

/** How a history file ends, seen from a look at its first and last bytes. */
export type ArrayEnd =
  /** Nothing but whitespace. */
  | { readonly kind: 'blank' }
  /** `[]`; `offset` is behind the opening bracket. */
  | { readonly kind: 'empty'; readonly offset: number }
  /** `offset` is behind the last element. */
  | { readonly kind: 'elements'; readonly offset: number }
  | { readonly kind: 'damage'; readonly damage: Damage };

const LOOK_BYTES = 4096;
/** More whitespace than this at either end is not a history file. */
const MAX_SPACE_BYTES = 1 << 20;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Costs the same for a file of any size. */
export function endOfArray(source: Source): ArrayEnd {
  const first = firstPlace(source);
  if (first === undefined)
    return source.size <= MAX_SPACE_BYTES ? { kind: 'blank' } : broken(0, 'the file holds no array');
  if (first.byte !== OPEN_ARRAY) return broken(first.at, 'the file does not begin with an array');
  const bracket = lastPlace(source, source.size);
  if (bracket === undefined || bracket.byte !== CLOSE_ARRAY || bracket.at === first.at)
    return broken(source.size, 'the closing bracket of the array is missing');
  const last = lastPlace(source, bracket.at);
  if (last?.at === first.at) return { kind: 'empty', offset: first.at + 1 };
  if (last?.byte === CLOSE_OBJECT) return { kind: 'elements', offset: last.at + 1 };
  return broken(last?.at ?? bracket.at, 'an entry was expected before the end of the array');
}

interface Place {
  readonly at: number;
  readonly byte: number;
}

function firstPlace(source: Source): Place | undefined {
  const mark = slice(source, 0, 3);
  const start = mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf ? 3 : 0;
  for (let from = start; from < Math.min(source.size, MAX_SPACE_BYTES); from += LOOK_BYTES) {
    const bytes = slice(source, from, from + LOOK_BYTES);
    const index = bytes.findIndex((byte) => !isSpace(byte));
    if (index !== -1) return { at: from + index, byte: bytes[index] ?? 0 };
  }
  return undefined;
}

function lastPlace(source: Source, end: number): Place | undefined {
  for (let to = end; to > Math.max(0, end - MAX_SPACE_BYTES); to -= LOOK_BYTES) {
    const from = Math.max(0, to - LOOK_BYTES);
    const bytes = slice(source, from, to);
    const index = bytes.findLastIndex((byte) => !isSpace(byte));
    if (index !== -1) return { at: from + index, byte: bytes[index] ?? 0 };
  }
  return undefined;
}

function broken(at: number, what: string): ArrayEnd {
  return { kind: 'damage', damage: { at, what } };
}
