import { resolve } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import { readStandardInput } from '../../edges/files/standard-input.ts';

/** GitHub sends at most 25 MB. */
const LARGEST_PAYLOAD = 25 << 20;

/** The JSON in a file, or on standard input (`-`). */
export function readPayload(path: string, cwd: string): Result<unknown> {
  const file = path === '-' ? 'standard input' : resolve(cwd, path);
  const read = path === '-' ? readStandardInput(LARGEST_PAYLOAD) : readTextBounded(file, LARGEST_PAYLOAD);
  if (!read.ok) return read;
  if (read.value === undefined) return fail({ code: 'not-found', message: 'there is no such file', file });
  try {
    const value: unknown = JSON.parse(read.value.toString());
    return ok(value);
  } catch {
    return fail({
      code: 'bad-event',
      message: 'is not JSON',
      file,
      hint: 'give the body of the request as GitHub sent it',
    });
  }
}
