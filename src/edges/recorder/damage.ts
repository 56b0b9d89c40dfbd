import type { Problem } from '../../core/problem.ts';
import { type Source, slice } from './source.ts';

/** A place at which a history file stops being what it should be. */
export interface Damage {
  /** Byte offset from the start of the file. */
  readonly at: number;
  /** In lower case, e.g. `an entry breaks off`. */
  readonly what: string;
}

const BLOCK_BYTES = 1 << 20;

/** Damage as a problem with line, column (in bytes) and the next step. Counts lines, so only made when needed. */
export function damageProblem(damage: Damage, source: Source, file: string): Problem {
  return {
    code: 'SYS_STATE_CORRUPT',
    message: `${damage.what} (byte ${damage.at})`,
    file,
    ...lineAndColumn(source, damage.at),
    hint: 'murmur8 history repair saves every whole entry and keeps this file aside',
  };
}

function lineAndColumn(source: Source, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let position = 0; position < offset; position += BLOCK_BYTES) {
    const block = slice(source, position, Math.min(position + BLOCK_BYTES, offset));
    for (let at = block.indexOf(0x0a); at !== -1; at = block.indexOf(0x0a, at + 1)) {
      line += 1;
      lineStart = position + at + 1;
    }
  }
  return { line, column: offset - lineStart + 1 };
}
