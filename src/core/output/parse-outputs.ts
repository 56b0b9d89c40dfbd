import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import { isVariableName } from '../variable/reference.ts';

/** Longest file of outputs, in bytes of UTF-8. A reader may stop one byte behind it. */
export const MAX_OUTPUT_FILE_BYTES = 1_000_000;
/** Longest value of one output, in bytes of UTF-8. */
export const MAX_OUTPUT_BYTES = 64_000;

interface Read {
  readonly key: string;
  readonly value: string;
  /** Number of lines that it took. */
  readonly lines: number;
}

/**
 * What a stage wrote to the file named in `MURMUR8_OUTPUT` (spec: pipelines 4): lines of `key=value`, or `key<<WORD`,
 * any lines, and `WORD` alone. Of a key that is written twice the last value counts. Values are kept as they are, blanks
 * included; a line ends in LF or CRLF. Empty lines between outputs are passed over. Problem: `bad-output`, with the line.
 */
export function parseOutputs(text: string): Result<Record<string, string>> {
  if (bytesOf(text) > MAX_OUTPUT_FILE_BYTES)
    return fail(
      bad(
        undefined,
        `the outputs are more than ${MAX_OUTPUT_FILE_BYTES} bytes`,
        'leave large data in a file',
      ),
    );
  const lines = linesOf(text);
  const outputs = new Map<string, string>();
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.trim() === '') {
      at += 1;
      continue;
    }
    const read = readOutput(lines, at);
    if (!read.ok) return read;
    outputs.set(read.value.key, read.value.value);
    at += read.value.lines;
  }
  // `fromEntries` defines its keys, so that `__proto__` is an output like any other.
  return ok(Object.fromEntries(outputs));
}

function linesOf(text: string): readonly string[] {
  const withoutMark = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = withoutMark.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function readOutput(lines: readonly string[], at: number): Result<Read> {
  const line = lines[at] ?? '';
  const match = /^([^=<]*)(=|<<)(.*)$/su.exec(line);
  const [, key, operator, rest] = match ?? [];
  if (key === undefined || operator === undefined || rest === undefined)
    return fail(bad(at, `"${shortened(line)}" is no output`, 'write key=value, or key<<WORD for many lines'));
  if (!isVariableName(key))
    return fail(
      bad(
        at,
        `"${shortened(key)}" cannot be the name of an output`,
        'use letters, digits, "_" and "-", with no blanks around it; many lines need key<<WORD',
      ),
    );
  const read: Result<Read> =
    operator === '=' ? ok({ key, value: rest, lines: 1 }) : readLines(lines, at, key, rest.trim());
  if (read.ok && bytesOf(read.value.value) > MAX_OUTPUT_BYTES)
    return fail(
      bad(at, `the output "${key}" is more than ${MAX_OUTPUT_BYTES} bytes`, 'leave large data in a file'),
    );
  return read;
}

function readLines(lines: readonly string[], at: number, key: string, delimiter: string): Result<Read> {
  if (delimiter === '')
    return fail(
      bad(at, `"${key}<<" says no word that ends its lines`, 'write key<<WORD, the lines, then WORD'),
    );
  const end = lines.indexOf(delimiter, at + 1);
  if (end < 0)
    return fail(
      bad(
        at,
        `the output "${key}" never ends`,
        `write ${shortened(delimiter)} on a line of its own after it`,
      ),
    );
  return ok({ key, value: lines.slice(at + 1, end).join('\n'), lines: end - at + 1 });
}

function bad(at: number | undefined, what: string, hint: string): Problem {
  const place = at === undefined ? '' : `line ${at + 1} of the outputs: `;
  return {
    code: 'bad-output',
    message: `${place}${what}`,
    hint,
    ...(at === undefined ? {} : { line: at + 1 }),
  };
}

function shortened(text: string): string {
  const shown = JSON.stringify(text).slice(1, -1);
  return shown.length <= 60 ? shown : `${shown.slice(0, 59)}…`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
