import type { KnownRun } from '../feature/find-run.ts';
import { knownRuns } from '../feature/find-run.ts';
import { hasLostOwner } from '../pipeline/read-run.ts';

/** Phases from which a run goes on by itself, by a person's decision, or by `resume`. */
const ACTIVE: ReadonlySet<string> = new Set(['pending', 'running', 'waiting_approval', 'paused']);

/** Ids of the runs of a pipeline that are not over, the one changed last first. */
export function activeRunsOf(stateDirectory: string, pipeline: string): string[] {
  const active: string[] = [];
  for (const { document } of knownRuns(stateDirectory))
    if (isRunOf(pipeline, document) && ACTIVE.has(document.phase)) active.push(document.executionId);
  return active;
}

/** The run of each of these pipelines that changed last; no more runs are read than it takes. */
export function lastRunsOf(stateDirectory: string, pipelines: readonly string[]): Map<string, KnownRun> {
  const wanted = new Set(pipelines);
  const last = new Map<string, KnownRun>();
  if (wanted.size === 0) return last;
  for (const run of knownRuns(stateDirectory)) {
    const { pipeline } = run.document;
    if (!isRunOf(pipeline, run.document) || !wanted.delete(pipeline)) continue;
    last.set(pipeline, asSeen(run));
    if (wanted.size === 0) break;
  }
  return last;
}

/** Whoever looks sees that the process which drove a run is gone (spec: pipelines 5). */
function asSeen(run: KnownRun): KnownRun {
  const { document } = run;
  return hasLostOwner(run, document.phase) ? { ...run, document: { ...document, phase: 'failed' } } : run;
}

/** The runs of features come from a definition of their own, whatever a registered one is called. */
function isRunOf(pipeline: string, document: KnownRun['document']): boolean {
  return document.pipeline === pipeline && document.slug === undefined;
}
