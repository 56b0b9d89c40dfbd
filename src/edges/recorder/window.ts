import type { Source } from './source.ts';

/** A part of a source that moves forward over it; grows only when one element does not fit. */
export interface Window {
  /** Valid up to `end`. Replaced when the window moves: do not keep it. */
  bytes: Buffer;
  end: number;
  /** Offset in the source of `bytes[0]`. */
  base: number;
}

export function openWindow(blockBytes: number): Window {
  return { bytes: Buffer.allocUnsafe(blockBytes), end: 0, base: 0 };
}

/**
 * Drops what is before `at` and reads on. Answers false at the end of the source; what was at `at` is at 0 then too.
 * The room doubles when what is kept fills it, so a large element costs linear time.
 */
export function advance(window: Window, source: Source, at: number): boolean {
  const kept = window.end - at;
  const target = kept * 2 > window.bytes.length ? Buffer.allocUnsafe(window.bytes.length * 2) : window.bytes;
  window.bytes.copy(target, 0, at, window.end);
  window.bytes = target;
  window.base += at;
  const read = source.readInto(
    target,
    kept,
    window.base + kept,
    Math.min(target.length - kept, source.size - window.base - kept),
  );
  window.end = kept + read;
  return read > 0;
}
