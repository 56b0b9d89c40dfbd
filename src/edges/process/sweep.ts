import { setTimeout as delay } from 'node:timers/promises';
import type { TreeWork } from './busy.ts';
import { leadsLiveTree } from './live-trees.ts';
import { monotonicMs } from './monotonic.ts';
import { idsCannotHaveWrapped, newestPid } from './newest-pid.ts';
import { type ProcessEntry, processTable, startTicksOf, type TableScope, workOf } from './process-table.ts';
import { signalProcess } from './signal-process.ts';

const GIVE_UP_AFTER_MS = 10_000;
const PAUSE_MS = 15;
/** A change of program takes microseconds; only on a system that tells less than Linux does it never end. */
const UNSURE_AT_MOST_MS = 500;

export interface SweepOutcome {
  readonly killed: readonly number[];
  /** Processes that outlive SIGKILL (uninterruptible sleep) for ten seconds. */
  readonly survivors: readonly number[];
}

/**
 * Kills what is left of an attempt's process tree: everything with its marker, in its group or session, and
 * their descendants, until none is found. Where processes ended during the look, it takes a second one: a fork may
 * have slipped past.
 * Without /proc only the group and descendants that are still attached are found.
 */
export async function sweepTree(leader: number, marker: string, ageMs: number): Promise<SweepOutcome> {
  return sweep(belongsTo(leader, marker), { ...scopeOf(leader), ...recentScope(leader, ageMs) });
}

/** What the living processes of the same tree have used so far; undefined where the system does not tell. */
export async function workOfTree(leader: number, marker: string): Promise<TreeWork | undefined> {
  if (process.platform !== 'linux') return undefined;
  // By listing: ids that are tried one by one are also those of threads, each with the whole process's time.
  const { entries } = await processTable(scopeOf(leader));
  let cpuMs = 0;
  let writtenBytes = 0;
  for (const pid of withDescendants(entries, belongsTo(leader, marker))) {
    const work = workOf(pid);
    cpuMs += work?.cpuMs ?? 0;
    writtenBytes += work?.writtenBytes ?? 0;
  }
  return { cpuMs, writtenBytes };
}

/** After a crash of our own: kills every process that carries a marker beginning with `prefix`, e.g. `<run id>/`. */
export async function sweepMarked(prefix: string): Promise<SweepOutcome> {
  return sweep((entry) => entry.markers.some((marker) => marker.startsWith(prefix)));
}

async function sweep(
  belongs: (entry: ProcessEntry) => boolean,
  scope: TableScope = {},
): Promise<SweepOutcome> {
  const killed = new Set<number>();
  const startedAt = monotonicMs();
  let emptyLooks = 0;
  for (;;) {
    const { entries, moved, unsure } = await processTable(scope);
    const found = withDescendants(entries, belongs);
    if (found.length === 0 && unsure && monotonicMs() - startedAt < UNSURE_AT_MOST_MS) {
      await delay(1);
      continue;
    }
    emptyLooks = found.length === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks > 0 && (!moved || emptyLooks === 2)) return { killed: [...killed], survivors: [] };
    for (const pid of found) {
      if (signalProcess(pid, 'SIGKILL')) killed.add(pid);
    }
    if (monotonicMs() - startedAt > GIVE_UP_AFTER_MS) return { killed: [...killed], survivors: found };
    if (found.length > 0) await delay(PAUSE_MS);
  }
}

let ownStart: number | undefined;

/** Nothing that an attempt started is older than we are. */
function scopeOf(leader: number): TableScope {
  ownStart ??= startTicksOf(process.pid);
  return {
    isOther: (pid) => pid !== leader && leadsLiveTree(pid),
    ...(ownStart === undefined ? {} : { since: ownStart }),
  };
}

/** Nor is it, while process ids have not wrapped, below its leader. */
function recentScope(leader: number, ageMs: number): TableScope {
  const risen = idsCannotHaveWrapped(ageMs) && (newestPid() ?? 0) >= leader;
  return risen ? { lowestPid: leader } : {};
}

function belongsTo(leader: number, marker: string): (entry: ProcessEntry) => boolean {
  return (entry) => entry.group === leader || entry.session === leader || entry.markers.includes(marker);
}

function withDescendants(
  table: readonly ProcessEntry[],
  belongs: (entry: ProcessEntry) => boolean,
): readonly number[] {
  const others = table.filter((entry) => entry.pid !== process.pid);
  const found = new Set(others.filter(belongs).map((entry) => entry.pid));
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of others) {
      if (found.has(entry.pid) || !found.has(entry.parent)) continue;
      found.add(entry.pid);
      grown = true;
    }
  }
  return [...found];
}
