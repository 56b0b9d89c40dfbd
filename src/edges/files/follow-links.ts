import { readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from './file-problem.ts';

const MAX_LINKS = 40;

/**
 * The path that a write to `path` reaches through symbolic links, also when nothing is there yet.
 * Throws ELOOP as the system does.
 */
export function followLinks(path: string): string {
  let at = resolve(path);
  for (let hops = 0; hops < MAX_LINKS; hops += 1) {
    try {
      at = resolve(dirname(at), readlinkSync(at));
    } catch (error) {
      if (errorCode(error) === 'EINVAL' || errorCode(error) === 'ENOENT') return at;
      throw error;
    }
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, open '${path}'`), { code: 'ELOOP' });
}
