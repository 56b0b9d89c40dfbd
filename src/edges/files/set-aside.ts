import { existsSync, renameSync } from 'node:fs';

/** Renames a damaged file to `<name>.corrupt-<time>`, so that nothing in it is lost. False when that failed. */
export function setAside(path: string): boolean {
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  for (let copy = 0; copy < 100; copy += 1) {
    const target = `${path}.corrupt-${time}${copy === 0 ? '' : `-${copy}`}`;
    if (existsSync(target)) continue;
    try {
      renameSync(path, target);
      return true;
    } catch {
      return false;
    }
  }
  return false;
}
