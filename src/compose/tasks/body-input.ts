import { isUtf8 } from 'node:buffer';
import { fail, ok, type Result } from '../../core/result.ts';
import { readStandardInput } from '../../edges/files/standard-input.ts';

const MOST_BYTES = 8 << 20;

/** The text of a new task: as it is given, or with `-` what is on standard input. It ends with a line feed. */
export function readBody(given: string): Result<string> {
  if (given !== '-') return ok(`\n${ended(given)}`);
  const read = readStandardInput(MOST_BYTES);
  if (!read.ok) return read;
  if (!isUtf8(read.value))
    return fail({
      code: 'usage',
      message: 'standard input is not UTF-8 text',
      hint: 'murmur8 task new --help says what --body takes',
    });
  const text = read.value.toString('utf8');
  // What was printed by `task show --json` begins with its empty line already.
  return ok(/^\r?\n/.test(text) ? ended(text) : `\n${ended(text)}`);
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
