import { join, resolve } from 'node:path';
import { findProjectRoot } from './project-root.ts';

/**
 * Where state lives: `--state-dir`, else `MURMUR8_STATE_DIR` (both relative to `cwd`), else `.claude` in the
 * project's root, else `.claude` in `cwd`. Nothing is created.
 */
export function stateDirectory(cwd: string, override?: string): string {
  const chosen = override ?? process.env['MURMUR8_STATE_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(cwd, chosen);
  return join(findProjectRoot(cwd) ?? resolve(cwd), '.claude');
}
