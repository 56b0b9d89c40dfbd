import { fail, ok, type Result } from '../../core/result.ts';
import { askGit, gitProblem, runGit } from './command.ts';
import { CHECKPOINT_REFS } from './repository.ts';

export interface PruneOrder {
  /** Runs whose newest checkpoint is older than this many days are pruned; 0 takes all. */
  readonly olderThanDays: number;
  /** Runs that are not finished: theirs stay. */
  readonly keepRunIds: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Deletes the private refs of finished runs (`refs/murmur8/<run>/…`); git collects their objects in its own time. */
export async function pruneCheckpoints(
  cwd: string,
  order: PruneOrder,
): Promise<Result<{ readonly refs: number; readonly runIds: readonly string[] }>> {
  const format = '--format=%(committerdate:unix) %(objectname) %(refname)';
  const listed = await runGit(['for-each-ref', format, CHECKPOINT_REFS], { cwd });
  if (!listed.ok) return listed;
  const runs = byRun(listed.value.toString('utf8'));
  const keep = new Set(order.keepRunIds);
  const limit = order.now / 1000 - order.olderThanDays * 24 * 60 * 60;
  const pruned = [...runs].filter(
    ([run, refs]) => !keep.has(run) && refs.every((ref) => ref.seconds <= limit),
  );
  const refs = pruned.flatMap(([, found]) => found);
  if (refs.length > 0) {
    const args = ['update-ref', '-z', '--stdin'];
    const input = refs.map((ref) => `delete ${ref.name}\0${ref.object}\0`).join('');
    const deleted = await askGit(args, { cwd, input });
    if (!deleted.ok) return deleted;
    if (deleted.value.exitCode !== 0) return fail(gitProblem(args, deleted.value));
  }
  return ok({ refs: refs.length, runIds: pruned.map(([run]) => run) });
}

interface CheckpointRef {
  readonly name: string;
  readonly object: string;
  readonly seconds: number;
}

function byRun(listing: string): Map<string, CheckpointRef[]> {
  const runs = new Map<string, CheckpointRef[]>();
  for (const line of listing.split('\n')) {
    const [seconds, object, name] = line.split(' ');
    if (seconds === undefined || object === undefined || name === undefined) continue;
    const run = name.slice(CHECKPOINT_REFS.length).split('/')[0] ?? '';
    runs.set(run, [...(runs.get(run) ?? []), { name, object, seconds: Number(seconds) }]);
  }
  return runs;
}
