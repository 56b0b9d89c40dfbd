import { ok, type Result } from '../core/result.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { pruneDeliveries } from '../edges/events/prune.ts';
import { pruneCheckpoints } from '../edges/git/prune.ts';
import { removeWorktreeIfMergedAndClean } from '../edges/git/worktree.ts';
import { removeRun } from '../edges/store/remove-run.ts';
import { type KnownRun, knownRuns } from './feature/find-run.ts';
import { openProject } from './feature/project.ts';

export interface CleanOrder {
  readonly cwd: string;
  readonly stateDirectory: string | undefined;
  readonly olderThanDays: number;
  readonly dryRun: boolean;
}

export interface Cleaned {
  readonly runs: readonly string[];
  readonly checkpoints: number;
  readonly worktrees: readonly {
    readonly slug: string;
    readonly removed: boolean;
    readonly reason?: string;
  }[];
}

const DAY_MS = 86_400_000;

/**
 * Removes what runs that are over left behind: their state, their checkpoints, and worktrees that are merged and clean.
 * A run that can still go on loses nothing, and history stays.
 */
export async function clean(order: CleanOrder): Promise<Result<Cleaned>> {
  const project = await openProject({ cwd: order.cwd, stateDirectory: order.stateDirectory });
  if (!project.ok) return project;
  const { stateDirectory, mainRoot } = project.value;
  const now = systemClock.now();
  const all = [...knownRuns(stateDirectory)];
  const old = all.filter(
    (run) => isOver(run) && now - Date.parse(run.document.endedAt ?? '') > order.olderThanDays * DAY_MS,
  );
  const worktrees = [];
  for (const slug of new Set(
    all.filter((run) => run.document.workingTree !== mainRoot).flatMap((run) => run.document.slug ?? []),
  )) {
    if (order.dryRun || all.some((run) => run.document.slug === slug && !isOver(run))) continue;
    const removal = await removeWorktreeIfMergedAndClean(mainRoot, slug);
    if (!removal.ok) return removal;
    worktrees.push({ slug, ...removal.value });
  }
  if (order.dryRun)
    return ok({ runs: old.map((run) => run.document.executionId), checkpoints: 0, worktrees });
  const keepRunIds = all.filter((run) => !old.includes(run)).map((run) => run.document.executionId);
  const pruned = await pruneCheckpoints(mainRoot, { olderThanDays: order.olderThanDays, keepRunIds, now });
  if (!pruned.ok) return pruned;
  const deliveries = pruneDeliveries(stateDirectory, { now });
  if (!deliveries.ok) return deliveries;
  for (const run of old) {
    const removed = removeRun(stateDirectory, run.document.executionId);
    if (!removed.ok) return removed;
  }
  return ok({ runs: old.map((run) => run.document.executionId), checkpoints: pruned.value.refs, worktrees });
}

function isOver({ document }: KnownRun): boolean {
  return document.phase === 'succeeded' || document.phase === 'cancelled';
}
