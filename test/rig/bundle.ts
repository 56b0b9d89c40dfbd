import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds a small program for a child process out of the sources, so that starting it costs no more than Node.
 * `source` is TypeScript whose imports are relative to the project's root, e.g. `./src/edges/recorder/append.ts`.
 */
export function bundleProgram(source: string): string {
  const outfile = join(mkdtempSync(join(tmpdir(), 'murmur8-program-')), 'program.cjs');
  buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}
