import { realpathSync, statSync } from 'node:fs';
import { readFeatureId, withFeatureId } from '../../core/feature/feature-id.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readBytesBounded } from '../files/bounded-read.ts';

const LARGEST_SPECIFICATION = 16 * 1024 * 1024;

/** A UUID v4, another one for every run (seed 004, story identifiers AC-1). */
export function generateRunId(): string {
  return crypto.randomUUID();
}

/**
 * The `featureId` of a specification, added to its frontmatter where there is none; one that is there stays, and so
 * does every other byte (story identifiers AC-3, AC-4). Throws when the file is missing or cannot be read or written.
 */
export function ensureFeatureId(specPath: string): string {
  const read = readBytesBounded(specPath, LARGEST_SPECIFICATION);
  if (!read.ok) throw new Error(`${specPath}: ${read.error.message}`);
  if (read.value === undefined) throw new Error(`${specPath}: no such file`);
  const encoding = encodingOf(read.value);
  const text = read.value.toString(encoding);
  const present = readFeatureId(text);
  if (present !== undefined) return present;
  const id = crypto.randomUUID();
  const bytes = Buffer.from(withFeatureId(text, id), encoding);
  writeFileAtomic(realpathSync(specPath), bytes, { mode: statSync(specPath).mode & 0o777 });
  return id;
}

/** Bytes that are not UTF-8 would not survive being read as such; taken one by one they do. */
function encodingOf(bytes: Buffer): 'utf8' | 'latin1' {
  return Buffer.from(bytes.toString('utf8')).equals(bytes) ? 'utf8' : 'latin1';
}
