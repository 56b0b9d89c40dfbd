import { Chalk, type ChalkInstance } from 'chalk';

/** Colours for a stream: `NO_COLOR` and `FORCE_COLOR` first, then whether it is a terminal. */
export function colourFor(stream: { readonly isTTY?: boolean }): ChalkInstance | undefined {
  if ((process.env['NO_COLOR'] ?? '') !== '') return undefined;
  const forced = process.env['FORCE_COLOR'] ?? '';
  if (forced === '0' || forced === 'false') return undefined;
  if (forced !== '') return new Chalk({ level: forced === '3' ? 3 : forced === '2' ? 2 : 1 });
  if (stream.isTTY !== true || process.env['TERM'] === 'dumb') return undefined;
  return new Chalk({ level: 1 });
}

/** Somebody can be asked: both ends are terminals, and nobody said that this is a machine. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && (process.env['CI'] ?? '') === '';
}
