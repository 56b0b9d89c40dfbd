import { ok, type Result } from '../../core/result.ts';
import { nulSeparated, runGit } from './command.ts';

/** One path that differs from HEAD, from the index, or is unknown to git. */
export interface StatusEntry {
  /** Relative to the root of the working tree. */
  readonly path: string;
  readonly untracked: boolean;
  /** An untracked directory that is a git repository of its own. */
  readonly embedded: boolean;
}

/** Every path that is not as in HEAD; ignored files excepted. */
export async function readStatus(
  root: string,
  pathspecs: readonly string[],
): Promise<Result<readonly StatusEntry[]>> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames', '--'];
  const output = await runGit([...args, ...pathspecs], { cwd: root });
  return output.ok ? ok(parseStatus(output.value)) : output;
}

/** Reads `git status --porcelain=v2 -z --no-renames`. */
export function parseStatus(output: Buffer): StatusEntry[] {
  const entries: StatusEntry[] = [];
  for (const record of nulSeparated(output)) {
    const untracked = record.startsWith('? ');
    const fields = FIELDS_BEFORE_PATH[record[0] ?? ''];
    if (fields === undefined) continue;
    const path = afterFields(record, fields);
    entries.push({ path: path.replace(/\/$/, ''), untracked, embedded: untracked && path.endsWith('/') });
  }
  return entries;
}

/** Changed, unmerged and untracked records, by their first character. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 };

function afterFields(record: string, count: number): string {
  let start = 0;
  for (let field = 0; field < count; field += 1) start = record.indexOf(' ', start) + 1;
  return record.slice(start);
}
