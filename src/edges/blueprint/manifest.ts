import { join } from 'node:path';
import * as z from 'zod/mini';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';

/** What was installed into a project, so that a file which the user edited can be told from one that is only old. */
export interface Manifest {
  readonly version: string;
  /** SHA-256 of the shipped content that each file came from, by path relative to the project. */
  readonly files: Readonly<Record<string, string>>;
}

/** Relative to the project. */
export const MANIFEST_PATH = '.blueprint/.installed.json';

const FORMAT = 1;

const schema = z.object({
  format: z.number(),
  version: z.string(),
  files: z.record(z.string(), z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});

/** Undefined where nothing was installed; a problem for a damaged manifest or one of a newer version. */
export function readManifest(projectRoot: string): Result<Manifest | undefined> {
  const file = join(projectRoot, MANIFEST_PATH);
  const read = readTextBounded(file, 4 * 1024 * 1024);
  if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
  const parsed = schema.safeParse(parseJson(read.value));
  if (!parsed.success) {
    return fail({
      code: 'manifest-damaged',
      message: 'the record of what was installed is damaged',
      file,
      hint: 'delete it; files that differ from the shipped ones then count as edited by you',
    });
  }
  if (parsed.data.format > FORMAT) {
    return fail({
      code: 'manifest-newer',
      message: 'the record of what was installed was written by a newer version of murmur8',
      file,
      hint: 'update murmur8 in this project first',
    });
  }
  return ok({ version: parsed.data.version, files: parsed.data.files });
}

/** The manifest as text, with sorted paths so that it compares well in version control. */
export function formatManifest(manifest: Manifest): string {
  const files = Object.fromEntries(Object.entries(manifest.files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ format: FORMAT, version: manifest.version, files }, null, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
