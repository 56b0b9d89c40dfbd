import { parseRecord, recordOf, textOf } from './json-field.ts';

/** The text of which a line of the protocol holds a piece; undefined for every other line. */
export function acpPiece(line: string): string | undefined {
  if (!PIECE.test(line.slice(0, FAR_ENOUGH))) return undefined;
  const update = recordOf(recordOf(parseRecord(line)?.['params'])?.['update']);
  if (!/^agent_(?:message|thought)_chunk$/.test(textOf(update?.['sessionUpdate']) ?? '')) return undefined;
  return textOf(recordOf(update?.['content'])?.['text']);
}

/** Most lines need not be parsed for it. */
const PIECE = /"agent_(?:message|thought)_chunk"/;
const FAR_ENOUGH = 2_000;
