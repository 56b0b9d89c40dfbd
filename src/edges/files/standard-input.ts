import { readSync } from 'node:fs';
import { fail, ok, type Result } from '../../core/result.ts';
import { errorCode, fileProblem } from './file-problem.ts';

const BLOCK_BYTES = 64 * 1024;

/** Everything on standard input, up to a bound. */
export function readStandardInput(maxBytes: number): Result<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    let read: number;
    try {
      read = readSync(0, block);
    } catch (error) {
      // A terminal or pipe in non-blocking mode has nothing yet.
      if (errorCode(error) === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        continue;
      }
      if (errorCode(error) === 'EOF') break;
      return fail(fileProblem(error, 'standard input', 'cannot read'));
    }
    if (read === 0) break;
    size += read;
    if (size > maxBytes) {
      return fail({
        code: 'file-too-large',
        message: `standard input holds more than the ${maxBytes} bytes that are read here`,
      });
    }
    chunks.push(block.subarray(0, read));
  }
  return ok(Buffer.concat(chunks));
}
