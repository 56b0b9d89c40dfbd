import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const SCHEMA = 'node_modules/murmur8/dist/schema/pipeline.json';

/**
 * Path of the pipelines' JSON Schema as seen from a directory, with forward slashes, where this package is installed
 * there or further up. Undefined where it is not: a path into a package that lies elsewhere is true on one machine only.
 */
export function installedSchema(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const file = join(at, SCHEMA);
    if (existsSync(file)) return relativePath(directory, file);
    if (at === dirname(at)) return undefined;
  }
}

function relativePath(from: string, file: string): string {
  const path = relative(from, file).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}
