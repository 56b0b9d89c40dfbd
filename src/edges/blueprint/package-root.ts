import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is installed: where it lies and which version it is. */
export interface InstalledPackage {
  /** Absolute; `.blueprint/` and `SKILL.md` lie in it. */
  readonly root: string;
  readonly version: string;
}

/** Finds this program's own package, from the sources as well as from a bundle in `dist/`. */
export function findPackage(from: string = dirname(fileURLToPath(import.meta.url))): InstalledPackage {
  for (let directory = from; ; directory = dirname(directory)) {
    const version = versionOf(join(directory, 'package.json'));
    if (version !== undefined) return { root: directory, version };
    if (directory === dirname(directory)) throw new Error(`no package.json of murmur8 above ${from}`);
  }
}

/** The version, if this is the package file of murmur8 (dist/ has one of its own without a name). */
function versionOf(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    if (!('name' in content) || content.name !== 'murmur8' || !('version' in content)) return undefined;
    return String(content.version);
  } catch {
    return undefined;
  }
}
