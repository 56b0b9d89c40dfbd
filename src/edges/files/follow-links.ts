import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const MAX_LINKS = 40;

/**
 * The path that a write to `path` reaches through symbolic links, also when nothing is there yet.
 * Throws ELOOP as the system does.
 */
export function followLinks(path: string): string {
  let at = resolve(path);
  for (let hops = 0; hops < MAX_LINKS; hops += 1) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at;
    at = resolve(dirname(at), readlinkSync(at));
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, open '${path}'`), { code: 'ELOOP' });
}
