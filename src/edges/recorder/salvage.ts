import { isRecordedEntry } from '../../core/history/recorded-entry.ts';
import { endOfObject } from './json-value.ts';
import type { Source } from './source.ts';
import { advance, openWindow } from './window.ts';

/** A whole entry found in a damaged file, or a stretch of bytes that belongs to none. Offsets in the file. */
export type Salvaged =
  | { readonly kind: 'entry'; readonly json: string }
  | { readonly kind: 'lost'; readonly from: number; readonly to: number };

const BLOCK_BYTES = 1 << 20;
const OPEN_OBJECT = 0x7b;
const BETWEEN_ENTRIES = /^[\s,[\]\uFEFF]*$/;

/**
 * Everything that still is a whole entry, in order, whatever stands around it. An object counts as an entry by
 * its slug and status, so that the stages inside a torn entry are not taken for one.
 */
export function* salvage(source: Source): Generator<Salvaged, undefined> {
  const window = openWindow(BLOCK_BYTES);
  let lostFrom = 0;
  let lostText = '';
  let at = 0;
  for (;;) {
    const brace = window.bytes.subarray(0, window.end).indexOf(OPEN_OBJECT, at);
    const next = brace === -1 ? window.end : brace;
    lostText = lossOf(lostText, window.bytes.subarray(at, next));
    at = next;
    if (brace === -1) {
      const more = advance(window, source, at);
      at = 0;
      if (more) continue;
      break;
    }
    const end = endOfObject(window.bytes.subarray(0, window.end), at);
    if (end.kind === 'open') {
      const more = advance(window, source, at);
      at = 0;
      if (more) continue;
    }
    const json = end.kind === 'whole' ? entryIn(window.bytes.toString('utf8', at, end.end)) : undefined;
    if (json === undefined || end.kind !== 'whole') {
      lostText = lossOf(lostText, window.bytes.subarray(at, at + 1));
      at += 1;
      continue;
    }
    if (lostText !== '') yield { kind: 'lost', from: lostFrom, to: window.base + at };
    yield { kind: 'entry', json };
    at = end.end;
    lostFrom = window.base + at;
    lostText = '';
  }
  if (lostText !== '') yield { kind: 'lost', from: lostFrom, to: window.base + at };
}

/** Keeps a sign of loss: empty as long as only commas, brackets and whitespace were skipped. */
function lossOf(known: string, skipped: Buffer): string {
  return known !== '' || BETWEEN_ENTRIES.test(skipped.toString('utf8')) ? known : 'lost';
}

/** The entry on one line; as it stands where it is, so that nothing in it changes. */
function entryIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecordedEntry(value)) return undefined;
    return /[\r\n]/.test(text) ? JSON.stringify(value) : text;
  } catch {
    return undefined;
  }
}
