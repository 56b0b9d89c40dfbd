import { createMasker } from '../../core/agent/mask.ts';
import { ok, type Result } from '../../core/result.ts';
import { replay } from '../../core/run/apply.ts';
import type { RunCreated, RunEventBody } from '../../core/run/event.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { ensureExcluded } from '../../edges/git/exclude.ts';
import { checkedOutCommit } from '../../edges/git/head.ts';
import { childEnvironment } from '../../edges/process/child-environment.ts';
import { keepOwnerRecord, type OwnerRecord } from '../../edges/store/owner-record.ts';
import { listExecutions } from '../../edges/store/run-directory.ts';
import { createRunStore } from '../../edges/store/run-store.ts';
import { record } from '../open-run.ts';
import { projectSecrets } from '../secrets.ts';
import { chooseStateDirectory } from '../state-place.ts';
import type { RunToDrive } from './drive-run.ts';
import { settingsOf } from './options.ts';
import type { PreparedRun } from './prepare.ts';

/** A run that exists, durably, and is owned by this process. */
export interface CreatedRun extends RunToDrive {
  readonly stateDirectory: string;
  /** Set when the state could not be kept where it belongs. */
  readonly warning?: string;
}

/**
 * Creates a run. It begins at once, unless it shares a group with others: then it is queued until it is its turn
 * (turn.ts). One that another process made under the same id before stays what it is.
 */
export async function createPipelineRun(prepared: PreparedRun): Promise<Result<CreatedRun>> {
  const { order, place } = prepared;
  const state = chooseStateDirectory({
    cwd: order.cwd,
    asked: order.stateDirectory,
    mainRoot: place.mainRoot,
  });
  if (!state.ok) return state;
  const head = await checkedOutCommit(place.root);
  if (head !== null) await keepOutOfGit(state.value.directory, place.mainRoot);
  const executionId = order.executionId ?? systemClock.id();
  const created = createRunStore(state.value.directory).create(executionId);
  if (!created.ok) return created;
  const run = created.value;
  const { directory: stateDirectory, warning } = state.value;
  const where = { stateDirectory, ...(warning === undefined ? {} : { warning }) };
  const there = replay(run.events);
  if (there !== undefined) return ok({ run, state: there, opened: [], begin: () => ok([]), ...where });
  const first: RunEventBody = { type: 'segment.started', previousRunId: null };
  const isQueued = prepared.concurrencyGroup !== undefined;
  const kept = keepOwnerRecord(run.directory, ownerRecordOf(prepared));
  const opened = kept.ok
    ? record(run, executionId, undefined, [creationOf(prepared, head), ...(isQueued ? [] : [first])])
    : kept;
  if (!opened.ok) {
    run.release();
    return opened;
  }
  const { state: queued } = opened.value;
  return ok({
    ...opened.value,
    begin: () => {
      const begun = isQueued ? record(run, executionId, queued, [first]) : ok({ opened: [] });
      return begun.ok ? ok(begun.value.opened) : begun;
    },
    ...where,
  });
}

/** What a run is created from; it keeps all of it, whatever becomes of the files. */
export function creationOf(prepared: PreparedRun, head: string | null): RunCreated {
  const { order, pipeline, record: registered, concurrencyGroup } = prepared;
  return {
    type: 'run.created',
    pipeline: structuredClone(pipeline) as RunCreated['pipeline'],
    cause: prepared.cause,
    facts: structuredClone(order.facts) as NonNullable<RunCreated['facts']>,
    ...(concurrencyGroup === undefined ? {} : { concurrencyGroup }),
    registered: { id: registered.id, revision: registered.revision, hash: registered.hash },
    settings: settingsOf(order.options, prepared.costs),
    variables: { ...order.variables },
    failureRates: {},
    retry: prepared.retry,
    workingTree: prepared.place.root,
    head,
    dirty: [],
    version: order.version,
  };
}

/** Where agents find their program, their settings and their service: none of it is a key. */
const OF_AGENTS = ['MURMUR8_CLAUDE_PROGRAM', 'CLAUDE_CONFIG_DIR', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL'];

/** Proxies and their kind may hold a password: what looks like a secret is not kept. */
function ownerRecordOf({ place, order }: PreparedRun): OwnerRecord {
  const mask = createMasker(projectSecrets(place.mainRoot));
  const { MURMUR8_PASS_ENV: _named, ...environment } = process.env;
  const ofAgents = OF_AGENTS.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const all = [...Object.entries(childEnvironment(environment, {})), ...ofAgents];
  const kept = all.filter(([, value]) => mask(value) === value);
  return { cwd: order.cwd, environment: Object.fromEntries(kept) };
}

/** In a project that was never prepared by `init`, `git add -A` must not pick up journals and locks. */
async function keepOutOfGit(stateDirectory: string, mainRoot: string): Promise<void> {
  if (stateDirectory !== `${mainRoot}/.claude` || listExecutions(stateDirectory).length > 0) return;
  for (const path of ['.claude/runs/', '.claude/pipelines/.lock/']) await ensureExcluded(mainRoot, path);
}
