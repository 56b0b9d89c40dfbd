import { nearestBeginning } from '../core/nearest.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { observedStatus } from '../core/status/observed.ts';
import type { RunStatus } from '../core/status/run-status.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { type KnownRun, knownRuns } from './feature/find-run.ts';

export type { KnownRun } from './feature/find-run.ts';

/** The state directory around a directory; nothing is created. */
export function runsDirectory(cwd: string, override: string | undefined): string {
  return stateDirectory(cwd, override);
}

/** All runs, the one changed last first. */
export function allRuns(directory: string): Generator<KnownRun> {
  return knownRuns(directory);
}

/**
 * A run by any id of it or a unique beginning of one, or by its slug; without a name the newest. `kind: 'pipeline'`
 * passes over features where no name says that one is meant.
 */
export function findRun(directory: string, name: string | undefined, kind?: 'pipeline'): Result<KnownRun> {
  const found: KnownRun[] = [];
  const ids: string[] = [];
  for (const run of knownRuns(directory)) {
    const { executionId, runIds, slug } = run.document;
    if (name === undefined) {
      if (kind === 'pipeline' && slug !== undefined) continue;
      return ok(run);
    }
    const own = [...new Set([executionId, ...(runIds ?? [])])];
    if (own.includes(name) || slug === name) return ok(run);
    ids.push(...own);
    if (own.some((id) => id.startsWith(name))) found.push(run);
  }
  if (found.length === 1 && found[0] !== undefined) return ok(found[0]);
  return fail(found.length > 1 ? ambiguous(name ?? '', found) : notFound(name, ids, directory, kind));
}

/** The status of a run as it is at this moment. */
export function statusNow(run: KnownRun, now: number): RunStatus {
  return observedStatus(run.document, run.stored.owner.state, now);
}

function ambiguous(name: string, found: readonly KnownRun[]): Problem {
  const ids = found.slice(0, 5).map((run) => run.document.executionId);
  return {
    code: 'bad-id',
    message: `${name} begins the ids of ${found.length} runs`,
    hint: `write more of one: ${ids.join(', ')}`,
  };
}

function notFound(
  name: string | undefined,
  ids: readonly string[],
  directory: string,
  kind: 'pipeline' | undefined,
): Problem {
  if (name === undefined) {
    return {
      code: 'not-found',
      message: 'there are no runs yet',
      file: directory,
      hint:
        kind === 'pipeline'
          ? 'start one: murmur8 pipeline run <name>'
          : 'start one: murmur8 implement-feature <slug> --brief <file>, or murmur8 pipeline run <name>',
    };
  }
  const near = nearestBeginning(name, ids);
  const hint =
    near === undefined
      ? `known runs: ${[...new Set(ids)].slice(0, 3).join(', ') || 'none'}`
      : `did you mean ${near}?`;
  return {
    code: 'not-found',
    message: `there is no run ${JSON.stringify(name.slice(0, 80))}`,
    file: directory,
    hint,
  };
}
