import type { ChalkInstance } from 'chalk';

/**
 * Colours for a stream: `NO_COLOR` and `FORCE_COLOR` first, then whether it is a terminal. The library is loaded only
 * where there is something to colour.
 */
export async function colourFor(stream: { readonly isTTY?: boolean }): Promise<ChalkInstance | undefined> {
  const level = colourLevel(stream);
  return level === 0 ? undefined : new (await import('chalk')).Chalk({ level });
}

function colourLevel(stream: { readonly isTTY?: boolean }): 0 | 1 | 2 | 3 {
  if ((process.env['NO_COLOR'] ?? '') !== '') return 0;
  const forced = process.env['FORCE_COLOR'] ?? '';
  if (forced === '0' || forced === 'false') return 0;
  if (forced !== '') return forced === '3' ? 3 : forced === '2' ? 2 : 1;
  if (stream.isTTY !== true || process.env['TERM'] === 'dumb') return 0;
  return 1;
}

/** Somebody can be asked: both ends are terminals, and nobody said that this is a machine. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && (process.env['CI'] ?? '') === '';
}
