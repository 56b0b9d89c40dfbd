import { nearestBeginning, nearestTo } from '../core/nearest.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { hasLostOwner, observedStatus } from '../core/status/observed.ts';
import type { RunStatus } from '../core/status/run-status.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { latestLog } from '../edges/store/latest-log.ts';
import { listExecutions, readStoredRun } from '../edges/store/run-directory.ts';
import type { KnownRun } from './feature/find-run.ts';
import { type FoundRun, readKnownRun, upToDate } from './stored-runs.ts';

export type { KnownRun } from './feature/find-run.ts';
export type { FoundRun } from './stored-runs.ts';

/** The state directory around a directory; nothing is created. */
export function runsDirectory(cwd: string, override: string | undefined): string {
  return stateDirectory(cwd, override);
}

/** All runs that can be read, the one changed last first. */
export function* allRuns(directory: string): Generator<KnownRun> {
  for (const id of listExecutions(directory)) {
    const found = readKnownRun(directory, id);
    if (!found.ok) continue;
    const { document, stored } = found.value.run;
    yield hasLostOwner(document, stored.owner.state) ? upToDate(directory, found.value).run : found.value.run;
  }
}

/**
 * A run by any id of it or a unique beginning of one, or by its slug; without a name the newest. `kind: 'pipeline'`
 * passes over features where no name says that one is meant.
 */
export function findRun(directory: string, name: string | undefined, kind?: 'pipeline'): Result<KnownRun> {
  const { found } = lookForRun(directory, name, kind);
  return found.ok ? ok(found.value.run) : found;
}

export interface Look {
  readonly found: Result<FoundRun>;
  /** Runs that could not be read and were passed over. */
  readonly passedOver: readonly Problem[];
}

/** The same for whoever tells what is wrong with the files. */
export function lookForRun(directory: string, name: string | undefined, kind?: 'pipeline'): Look {
  const runs: FoundRun[] = [];
  const unreadable: { readonly id: string; readonly problem: Problem }[] = [];
  const passedOver = (): Problem[] => unreadable.map(({ problem }) => problem);
  const chosen = (found: FoundRun): Look => ({
    found: ok(upToDate(directory, found)),
    passedOver: name === undefined ? passedOver() : [],
  });
  for (const id of inOrder(listExecutions(directory), name)) {
    const read = readKnownRun(directory, id);
    if (!read.ok) {
      if (id === name) return { found: read, passedOver: [] };
      unreadable.push({ id, problem: read.error });
      continue;
    }
    const { document } = read.value.run;
    if (name === undefined) {
      if (kind === 'pipeline' && document.slug !== undefined) continue;
      return chosen(read.value);
    }
    if (id === name || document.slug === name || idsOf(read.value.run).includes(name))
      return chosen(read.value);
    runs.push(read.value);
  }
  // An empty name, as of a variable that is not set, begins no id.
  const begins = (id: string): boolean => name !== undefined && name !== '' && id.startsWith(name);
  const meant = runs.filter(({ run }) => idsOf(run).some(begins));
  const lost = unreadable.filter(({ id }) => begins(id));
  const [only] = meant;
  if (only !== undefined && meant.length === 1 && lost.length === 0) return chosen(only);
  const [damaged] = lost;
  if (damaged !== undefined && lost.length === 1 && meant.length === 0)
    return { found: fail(damaged.problem), passedOver: [] };
  const problem =
    name === undefined
      ? noRuns(directory, kind)
      : meant.length + lost.length > 1
        ? ambiguous(
            name,
            meant.map(({ run }) => run),
            lost.map(({ id }) => id),
          )
        : (withoutJournal(directory, name) ?? notFound(name, runs, directory));
  return { found: fail(problem), passedOver: passedOver() };
}

/** The status of a run as it is at this moment. */
export function statusNow({ stored, document }: KnownRun, now: number): RunStatus {
  const { owner, directory } = stored;
  if (!hasLostOwner(document, owner.state)) return observedStatus(document, owner.state, now);
  const working = document.stages.findLast((stage) => stage.status === 'running');
  const log = working === undefined ? undefined : latestLog(directory, working.name);
  return observedStatus(document, owner.state, now, log);
}

/** Whoever types a whole id does not wait for all other runs to be read. */
function inOrder(ids: readonly string[], name: string | undefined): readonly string[] {
  return name !== undefined && ids.includes(name) ? [name] : ids;
}

function idsOf({ document }: KnownRun): readonly string[] {
  return [...new Set([document.executionId, ...document.runIds])];
}

const MOST_NAMED = 5;

function ambiguous(name: string, runs: readonly KnownRun[], damaged: readonly string[]): Problem {
  const ids = [
    ...runs.map(({ document: { executionId, slug, pipeline } }) => `${executionId} (${slug ?? pipeline})`),
    ...damaged.map((id) => `${id} (damaged)`),
  ];
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  return {
    code: 'bad-id',
    message: `${JSON.stringify(name.slice(0, 80))} begins the ids of ${ids.length} runs`,
    hint: `write more of one: ${ids.slice(0, MOST_NAMED).join(', ')}${more}`,
  };
}

function noRuns(directory: string, kind: 'pipeline' | undefined): Problem {
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

/** A directory that is named and cannot be read, or whose journal was taken away. */
function withoutJournal(directory: string, name: string): Problem | undefined {
  if (!/^[0-9A-Za-z][\w-]*$/.test(name)) return undefined;
  const stored = readStoredRun(directory, name);
  if (!stored.ok) return stored.error;
  if (stored.value === undefined) return undefined;
  return {
    code: 'SYS_STATE_CORRUPT',
    message: 'the run has no journal any more, and cannot go on',
    file: stored.value.directory,
    hint: 'restore journal.jsonl there from a backup, or start the work anew',
  };
}

function notFound(name: string, runs: readonly FoundRun[], directory: string): Problem {
  return {
    code: 'not-found',
    message: `there is no run ${JSON.stringify(name.slice(0, 80))}`,
    file: directory,
    hint: meantInstead(
      name,
      runs.map(({ run }) => run),
    ),
  };
}

const MOST_MEANT = 3;

function meantInstead(name: string, runs: readonly KnownRun[]): string {
  const ofPipeline = runs.find(({ document }) => document.pipeline === name);
  if (ofPipeline !== undefined)
    return `${name} is a pipeline; its newest run is ${ofPipeline.document.executionId}`;
  const ids = runs.flatMap(idsOf);
  const near = several(name, ids, nearestBeginning);
  const likeIds = near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
  const likeName = nearestName(name, runs);
  const meant = /^[0-9a-f-]+$/i.test(name) ? (likeIds ?? likeName) : (likeName ?? likeIds);
  if (meant !== undefined) return meant;
  return `known runs: ${[...new Set(ids)].slice(0, MOST_MEANT).join(', ') || 'none'}`;
}

function nearestName(name: string, runs: readonly KnownRun[]): string | undefined {
  const newest = new Map<string, string>();
  for (const { document } of runs) {
    const called = document.slug ?? document.pipeline;
    if (!newest.has(called)) newest.set(called, document.executionId);
  }
  const word = nearestTo(name, newest.keys());
  return word === undefined ? undefined : `did you mean ${word}? its newest run is ${newest.get(word) ?? ''}`;
}

/** The nearest, then the nearest of the rest, as long as any is near enough. */
function several(name: string, known: readonly string[], nearest: typeof nearestTo): string[] {
  const rest = new Set(known);
  const near: string[] = [];
  for (let found = nearest(name, rest); found !== undefined && near.length < MOST_MEANT; ) {
    near.push(found);
    rest.delete(found);
    found = nearest(name, rest);
  }
  return near;
}
