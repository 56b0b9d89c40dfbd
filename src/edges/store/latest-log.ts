import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The log of the latest attempt of a stage, by its name `<frame>-<attempt>.log`; undefined if there is none. Names are
 * compared, not times: to look at ten thousand files would take longer than everything else.
 */
export function latestLog(runDirectory: string, stage: string): string | undefined {
  const directory = join(runDirectory, 'logs', stage);
  let latest: { readonly name: string; readonly rank: number } | undefined;
  for (const name of namesIn(directory)) {
    const [, frame, attempt] = /^(\d+)-(\d+)\b.*\.log$/.exec(name) ?? [];
    if (frame === undefined || attempt === undefined) continue;
    const rank = Number(frame) * 1_000_000 + Number(attempt);
    if (latest === undefined || rank > latest.rank) latest = { name, rank };
  }
  return latest === undefined ? undefined : join(directory, latest.name);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
