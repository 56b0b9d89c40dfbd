import { plainText } from '../../../core/agent/plain-text.ts';

/** One line without control characters, cut to a width with an ellipsis. */
export function oneLine(text: string, width = 100): string {
  const line = IS_ONE_LINE.test(text) ? text : plainText(text).replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Words of printable ASCII with one space between them: as nearly all titles are. */
const IS_ONE_LINE = /^[!-~]+(?: [!-~]+)*$/;
