import { ok, type Result } from '../../core/result.ts';
import type { Checkpoint } from '../ports.ts';
import type { FeatureWorld } from './world.ts';

const LARGEST_FILE = 16 << 20;

/**
 * Where secrets that this run knows stand in lines that it added, as `<path>:<line>`. What cannot be read as a file of
 * the project, or is larger than a source ever is, is passed over.
 */
export async function secretsAmong(
  world: Pick<FeatureWorld, 'files' | 'repository' | 'secretLines'>,
  base: Checkpoint,
  files: readonly string[],
): Promise<Result<readonly string[]>> {
  const found: string[] = [];
  for (const path of files) {
    const text = await world.files.read(path, LARGEST_FILE);
    const lines = text.ok && text.value !== undefined ? world.secretLines(text.value) : [];
    if (!text.ok || text.value === undefined || lines.length === 0) continue;
    const before = await world.repository.show(base, path);
    if (!before.ok) return before;
    const old = new Set((before.value ?? '').split('\n'));
    const now = text.value.split('\n');
    found.push(...lines.filter((line) => !old.has(now[line - 1] ?? '')).map((line) => `${path}:${line}`));
  }
  return ok(found);
}
