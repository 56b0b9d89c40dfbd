import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Where a path really leads: links are followed as far as it exists, for an agent may have planted one. A path that
 * is not absolute starts at `cwd`.
 */
export function realPlace(cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute
      ? absolute
      : join(realPlace(cwd, parent), absolute.slice(parent.length).replace(/^\//, ''));
  }
}
