import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories that the sandbox of codex protects, and makes where they are missing in order to do so. */
const PROTECTED = ['.agents', '.aws', '.codex', '.git'];

/**
 * To be called before a start; what it returns, when everything has ended. A sandbox that was stopped leaves the
 * directories behind, empty, in the user's project.
 */
export function rememberMountPoints(cwd: string): () => Promise<void> {
  const missing = PROTECTED.map((name) => join(cwd, name)).filter((path) => !existsSync(path));
  return async () => {
    // Only an empty directory can be removed in this way.
    for (const path of missing) await rmdir(path).catch(() => {});
  };
}
